#include "probe/anchor/http/session.hpp"

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <optional>

#include "base/coroutine.hpp"
#include "probe/anchor/http/reply.hpp"

namespace tp::anchor {
namespace {

namespace beast = boost::beast;
namespace wire = boost::beast::http;
namespace ssl = boost::asio::ssl;
using plain_stream = beast::tcp_stream;
using secure_stream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::size_t piece = 4 * 1024;                        // octets read at a time
constexpr std::size_t most_drained = 256 * 1024;               // octets read and dropped after the last answer
constexpr std::chrono::milliseconds drain_limit{2'000};        // and for how long
constexpr std::chrono::milliseconds tls_goodbye_limit{2'000};  // for the client to take our close_notify
constexpr unsigned version_1_1 = 11;                           // as Beast counts

/// A body that is read and forgotten, so that its length costs no memory. Beast's parser keeps the limit.
/// Source: "Body" and "BodyReader" of Boost.Beast's documentation.
struct dropped_body {
    struct value_type {};

    class reader {
    public:
        template <bool IsRequest, class Fields>
        reader(wire::header<IsRequest, Fields>&, value_type&)
        {
        }
        void init(boost::optional<std::uint64_t> const&, error_code& error) { error = {}; }
        template <class Buffers>
        std::size_t put(Buffers const& buffers, error_code& error)
        {
            error = {};
            return asio::buffer_size(buffers);
        }
        void finish(error_code& error) { error = {}; }
    };
};

using parser = wire::request_parser<dropped_body>;

/// What to answer a request that could not be read; none: nothing, the client is gone or silent.
std::optional<http_reply> refusal(error_code error)
{
    if (error == wire::error::body_limit) return refuse(413, "The body is too large.");
    if (error == wire::error::header_limit || error == wire::error::buffer_overflow) {
        return refuse(431, "The header is too large.");
    }
    bool const gone = error == wire::error::end_of_stream || error == wire::error::partial_message;
    static auto const& grammar = make_error_code(wire::error::bad_version).category();
    if (gone || error.category() != grammar) return std::nullopt;
    return refuse(400, "This is not a valid HTTP request.");
}

http_reply reply_to(parser::value_type const& request, http_facts const& facts, std::size_t largest)
{
    auto const verb = request.method();
    if (verb != wire::verb::get && verb != wire::verb::head && verb != wire::verb::post) {
        return refuse(405, "GET, HEAD and POST are known here.");
    }
    auto const wish = read_target({request.target().data(), request.target().size()}, largest);
    return wish ? answer(*wish, facts) : refuse_target(wish.error(), largest);
}

template <class Stream>
class http_session final : public session {
public:
    template <class... Arguments>
    http_session(std::shared_ptr<ssl::context> tls, ip_address peer, http_site const& site, Arguments&&... arguments)
        : tls_(std::move(tls)), stream_(std::forward<Arguments>(arguments)...), peer_(std::move(peer)), site_(site)
    {
    }

    asio::awaitable<void> serve() override;
    void end() override
    {
        ending_ = true;
        if (idle_) cut();
    }
    void cut() override { lowest().close(); }

private:
    enum class next { request, close, gone };  // gone: nobody waits for anything any more
    static constexpr bool is_secure = std::is_same_v<Stream, secure_stream>;

    asio::awaitable<bool> open();
    asio::awaitable<next> serve_one(bool last);
    asio::awaitable<error_code> wait_for_request();
    asio::awaitable<error_code> read(parser& from);
    asio::awaitable<next> refuse_request(error_code error);
    asio::awaitable<error_code> send(http_reply reply, bool with_body, bool keep_alive);
    asio::awaitable<void> close_gently();

    http_facts facts() const { return {site_.name, peer_, wall_now()}; }
    beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

    std::shared_ptr<ssl::context> tls_;  // outlives the stream
    Stream stream_;
    ip_address peer_;
    http_site const& site_;
    beast::flat_buffer buffer_{http_limits::header + piece};
    bool idle_ = false, ending_ = false;
};

template <class Stream>
asio::awaitable<void> http_session<Stream>::serve()
{
    bool const opened = co_await open();
    if (!opened) co_return;
    auto after = next::request;
    for (unsigned served = 1; after == next::request; ++served) {
        after = co_await serve_one(served == http_limits::requests);
    }
    if (after == next::close) co_await close_gently();
    cut();
}

template <class Stream>
asio::awaitable<bool> http_session<Stream>::open()
{
    if constexpr (is_secure) {
        lowest().expires_after(site_.limits.idle);
        idle_ = true;
        auto const [error] = co_await stream_.async_handshake(ssl::stream_base::server, as_values);
        idle_ = false;
        co_return !error;
    }
    co_return true;
}

template <class Stream>
asio::awaitable<typename http_session<Stream>::next> http_session<Stream>::serve_one(bool last)
{
    auto const silent = co_await wait_for_request();
    if (silent) co_return next::gone;
    parser from;
    from.header_limit(static_cast<std::uint32_t>(http_limits::header));
    from.body_limit(http_limits::body);
    auto const error = co_await read(from);
    if (error) co_return co_await refuse_request(error);

    auto const& request = from.get();
    bool const keep_alive = from.keep_alive() && !last && !ending_;
    bool const lacks_host = request.version() >= version_1_1 && request.count(wire::field::host) != 1;
    auto reply = lacks_host ? refuse(400, "The request needs one Host header.")
                            : reply_to(request, facts(), site_.limits.largest_body);
    auto const unsent = co_await send(std::move(reply), request.method() != wire::verb::head, keep_alive);
    if (unsent) co_return next::gone;
    co_return keep_alive ? next::request : next::close;
}

/// What was sent ahead counts as begun.
template <class Stream>
asio::awaitable<error_code> http_session<Stream>::wait_for_request()
{
    if (buffer_.size() > 0) co_return error_code();
    lowest().expires_after(site_.limits.idle);
    idle_ = true;
    auto const [error, size] = co_await stream_.async_read_some(buffer_.prepare(piece), as_values);
    idle_ = false;
    buffer_.commit(size);
    co_return error;
}

template <class Stream>
asio::awaitable<error_code> http_session<Stream>::read(parser& from)
{
    lowest().expires_after(site_.limits.head);
    auto const [head_error, head_size] = co_await wire::async_read_header(stream_, buffer_, from, as_values);
    if (head_error || from.is_done()) co_return head_error;
    lowest().expires_after(site_.limits.received);
    if (wire::token_list(from.get()[wire::field::expect]).exists("100-continue")) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        auto const [error, size] = co_await asio::async_write(stream_, asio::buffer(go_on), as_values);
        if (error) co_return error;
    }
    auto const [error, size] = co_await wire::async_read(stream_, buffer_, from, as_values);
    co_return error;
}

template <class Stream>
asio::awaitable<typename http_session<Stream>::next> http_session<Stream>::refuse_request(error_code error)
{
    auto reply = refusal(error);
    if (!reply) co_return next::gone;
    auto const unsent = co_await send(std::move(*reply), true, false);
    co_return unsent ? next::gone : next::close;
}

template <class Stream>
asio::awaitable<error_code> http_session<Stream>::send(http_reply reply, bool with_body, bool keep_alive)
{
    auto head = head_of(reply, keep_alive, facts());
    std::array<asio::const_buffer, 3> all;
    if (with_body) {
        head += reply.before;
        all = {asio::buffer(head), asio::buffer(site_.filler.data(), reply.filler), asio::buffer(reply.after)};
    } else {
        all[0] = asio::buffer(head);
    }
    lowest().expires_after(site_.limits.sent);
    auto const [error, size] = co_await asio::async_write(stream_, all, as_values);
    co_return error;
}

/// The client may still be sending; closing at once would make the kernel reset the connection, and the client lose our
/// answer. Source: RFC 9112, section 9.6.
template <class Stream>
asio::awaitable<void> http_session<Stream>::close_gently()
{
    idle_ = true;
    if constexpr (is_secure) {
        lowest().expires_after(tls_goodbye_limit);
        co_await stream_.async_shutdown(as_values);
    }
    error_code ignored;
    lowest().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    lowest().expires_after(drain_limit);
    std::string dropped(piece, '\0');
    for (std::size_t total = 0; total < most_drained;) {
        auto const [error, size] = co_await lowest().async_read_some(asio::buffer(dropped), as_values);
        if (error) break;
        total += size;
    }
}

}  // namespace

std::unique_ptr<session> make_http_session(asio::ip::tcp::socket socket, std::shared_ptr<ssl::context> tls,
                                           ip_address peer, http_site const& site)
{
    if (!tls) return std::make_unique<http_session<plain_stream>>(nullptr, std::move(peer), site, std::move(socket));
    auto& context = *tls;
    return std::make_unique<http_session<secure_stream>>(std::move(tls), std::move(peer), site, std::move(socket),
                                                         context);
}

}  // namespace tp::anchor
