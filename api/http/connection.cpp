#include "api/http/connection.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "api/errors.hpp"
#include "api/http/head.hpp"
#include "base/coroutine.hpp"
#include "base/log.hpp"

namespace tp::api::http {
namespace {

namespace beast = boost::beast;
namespace wire = boost::beast::http;
namespace ssl = boost::asio::ssl;
using plain_stream = beast::tcp_stream;
using secure_stream = beast::ssl_stream<beast::tcp_stream>;
using parser = wire::request_parser<wire::string_body>;

constexpr std::size_t gathered = 32 * 1024;                    // octets of a stream that are sent together
constexpr std::size_t most_drained = 4 * 1024 * 1024;          // octets read and dropped after a refusal
constexpr std::chrono::milliseconds drain_limit{2'000};        // and for how long
constexpr std::chrono::milliseconds tls_goodbye_limit{2'000};  // for the client to take our close_notify

method method_of(wire::verb verb) noexcept
{
    switch (verb) {
        case wire::verb::get:
            return method::get;
        case wire::verb::head:
            return method::head;
        case wire::verb::post:
            return method::post;
        case wire::verb::put:
            return method::put;
        case wire::verb::patch:
            return method::patch;
        case wire::verb::delete_:
            return method::delete_;
        case wire::verb::options:
            return method::options;
        default:
            return method::other;
    }
}

request to_request(parser::value_type message, ip_address const& peer, bool secure)
{
    request out;
    out.verb = method_of(message.method());
    std::string_view const target(message.target().data(), message.target().size());
    auto const question = target.find('?');
    out.path = percent_decoded(target.substr(0, question), false);
    if (question != std::string_view::npos) out.query = parse_query(target.substr(question + 1));
    out.host = std::string(message[wire::field::host]);
    out.authorization = std::string(message[wire::field::authorization]);
    out.secure = secure;
    out.body = std::move(message.body());
    out.peer = peer;
    return out;
}

/// What to answer a request that could not be read; none: nothing, the client is gone or silent.
std::optional<response> refusal(error_code error)
{
    if (error == wire::error::body_limit) return answer(problem{413, "The body is too large.", {}});
    if (error == wire::error::header_limit || error == wire::error::buffer_overflow) {
        return answer(problem{431, {}, {}});
    }
    bool const gone = error == wire::error::end_of_stream || error == wire::error::partial_message;
    static auto const& grammar = make_error_code(wire::error::bad_version).category();
    if (gone || error.category() != grammar) return std::nullopt;
    return answer(problem{400, "This is not a valid HTTP request.", {}});
}

template <class Stream>
class connection_of final : public connection {
public:
    template <class... Arguments>
    connection_of(std::shared_ptr<ssl::context> tls, ip_address peer, connection_limits const& limits,
                  Arguments&&... arguments)
        : tls_(std::move(tls)), stream_(std::forward<Arguments>(arguments)...), peer_(std::move(peer)), limits_(limits)
    {
    }

    asio::awaitable<void> serve(handler const& each) override;
    void end() override
    {
        ending_ = true;
        if (idle_) cut();
    }
    void cut() override { beast::get_lowest_layer(stream_).close(); }

private:
    class chunks;
    enum class next { request, close, refused };
    static constexpr bool is_secure = std::is_same_v<Stream, secure_stream>;

    asio::awaitable<bool> open();
    asio::awaitable<next> serve_one(handler const& each);
    asio::awaitable<error_code> read(parser& from);
    asio::awaitable<next> refuse(error_code error);
    asio::awaitable<bool> send(response what, method verb, unsigned version, bool keep_alive);
    asio::awaitable<bool> send_stream(response const& what, unsigned version, bool keep_alive);
    asio::awaitable<error_code> write(std::string text);
    asio::awaitable<void> close_gently(bool drain);

    std::shared_ptr<ssl::context> tls_;  // outlives the stream
    Stream stream_;
    ip_address peer_;
    connection_limits limits_;
    beast::flat_buffer buffer_;
    bool idle_ = false, ending_ = false;
};

/// Gathers small pieces and frames them. Its memory is one piece and `gathered`.
template <class Stream>
class connection_of<Stream>::chunks final : public body_writer {
public:
    chunks(connection_of& owner, std::string head, bool framed)
        : owner_(owner), pending_(std::move(head)), framed_(framed)
    {
    }

    asio::awaitable<result<void>> write(std::string text) override
    {
        pending_ += framed_ ? chunk_text(text) : text;
        if (pending_.size() < gathered) co_return result<void>();
        co_return co_await flush();
    }

    /// Nothing has left yet, so the client can still be told what went wrong.
    bool untouched() const noexcept { return untouched_; }

    asio::awaitable<result<void>> finish()
    {
        if (framed_) pending_ += last_chunk;
        co_return co_await flush();
    }

private:
    asio::awaitable<result<void>> flush()
    {
        untouched_ = false;
        auto const error = co_await owner_.write(std::exchange(pending_, {}));
        if (error) co_return error;
        co_return result<void>();
    }

    connection_of& owner_;
    std::string pending_;
    bool framed_, untouched_ = true;
};

template <class Stream>
asio::awaitable<void> connection_of<Stream>::serve(handler const& each)
{
    buffer_.max_size(limits_.header + gathered);
    bool const opened = co_await open();
    if (!opened) co_return;
    auto after = next::request;
    while (after == next::request) after = co_await serve_one(each);
    co_await close_gently(after == next::refused);
}

template <class Stream>
asio::awaitable<bool> connection_of<Stream>::open()
{
    if constexpr (is_secure) {
        beast::get_lowest_layer(stream_).expires_after(limits_.read);
        idle_ = true;
        auto const [error] = co_await stream_.async_handshake(ssl::stream_base::server, as_values);
        idle_ = false;
        co_return !error;
    }
    co_return true;
}

template <class Stream>
asio::awaitable<typename connection_of<Stream>::next> connection_of<Stream>::serve_one(handler const& each)
{
    parser from;
    from.header_limit(static_cast<std::uint32_t>(limits_.header));
    from.body_limit(limits_.body);
    auto const error = co_await read(from);
    if (error) co_return co_await refuse(error);

    bool const keep_alive = from.keep_alive();
    unsigned const version = from.get().version();
    auto given = to_request(from.release(), peer_, is_secure);
    auto const verb = given.verb;
    if (!is_host(given.host) || !given.path.starts_with('/')) {
        auto wrong = answer(problem{400, "The request needs a valid Host header and a path.", {}});
        bool const told = co_await send(std::move(wrong), verb, version, false);
        co_return told ? next::refused : next::close;
    }
    auto what = co_await each(std::move(given));
    bool const sent = co_await send(std::move(what), verb, version, keep_alive && !ending_);
    co_return sent&& keep_alive && !ending_ ? next::request : next::close;
}

template <class Stream>
asio::awaitable<error_code> connection_of<Stream>::read(parser& from)
{
    auto& socket = beast::get_lowest_layer(stream_);
    socket.expires_after(limits_.read);
    idle_ = true;
    auto const [head_error, head_size] = co_await wire::async_read_header(stream_, buffer_, from, as_values);
    idle_ = false;
    if (head_error) co_return head_error;
    if (from.is_done()) co_return error_code();
    if (wire::token_list(from.get()[wire::field::expect]).exists("100-continue")) {
        auto const error = co_await write("HTTP/1.1 100 Continue\r\n\r\n");
        if (error) co_return error;
    }
    socket.expires_after(limits_.read);
    auto const [error, size] = co_await wire::async_read(stream_, buffer_, from, as_values);
    co_return error;
}

template <class Stream>
asio::awaitable<typename connection_of<Stream>::next> connection_of<Stream>::refuse(error_code error)
{
    auto what = refusal(error);
    if (!what) co_return next::close;
    bool const told = co_await send(std::move(*what), method::get, 11, false);
    co_return told ? next::refused : next::close;
}

template <class Stream>
asio::awaitable<bool> connection_of<Stream>::send(response what, method verb, unsigned version, bool keep_alive)
{
    if (what.stream && verb != method::head) co_return co_await send_stream(what, version, keep_alive);
    bool const unknown_length = static_cast<bool>(what.stream);
    auto text = head_text(what, unknown_length ? framing::chunked : framing::length, keep_alive, wall_now());
    if (verb != method::head && what.status != 204) text += what.body;
    auto const error = co_await write(std::move(text));
    co_return !error;
}

template <class Stream>
asio::awaitable<bool> connection_of<Stream>::send_stream(response const& what, unsigned version, bool keep_alive)
{
    bool const framed = version >= 11;  // HTTP/1.0 knows no chunks: the end of the connection ends the body
    auto const how = framed ? framing::chunked : framing::until_close;
    chunks body(*this, head_text(what, how, keep_alive, wall_now()), framed);
    auto const produced = co_await what.stream(body);
    if (!produced && body.untouched()) {
        co_return co_await send(answer(from_store(produced.error())), method::get, version, keep_alive);
    }
    if (!produced) {
        log::warning("http", "answer cut off: " + produced.error().message());
        cut();
        co_return false;
    }
    auto const finished = co_await body.finish();
    co_return finished&& framed;
}

template <class Stream>
asio::awaitable<error_code> connection_of<Stream>::write(std::string text)
{
    beast::get_lowest_layer(stream_).expires_after(limits_.write);
    auto const [error, size] = co_await asio::async_write(stream_, asio::buffer(text), as_values);
    co_return error;
}

/// After a refusal the client may still be sending; closing at once would make the kernel reset the connection, and the
/// client lose our answer.
template <class Stream>
asio::awaitable<void> connection_of<Stream>::close_gently(bool drain)
{
    auto& socket = beast::get_lowest_layer(stream_);
    if constexpr (is_secure) {
        if (!drain) {
            socket.expires_after(tls_goodbye_limit);
            co_await stream_.async_shutdown(as_values);
        }
    }
    error_code ignored;
    socket.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    socket.expires_after(drain_limit);
    std::string dropped(drain ? gathered : 0, '\0');
    for (std::size_t total = 0; drain && total < most_drained;) {
        auto const [error, size] = co_await socket.async_read_some(asio::buffer(dropped), as_values);
        if (error) break;
        total += size;
    }
    cut();
}

}  // namespace

std::unique_ptr<connection> make_connection(asio::ip::tcp::socket socket, std::shared_ptr<ssl::context> tls,
                                            ip_address peer, connection_limits const& limits)
{
    if (!tls) {
        return std::make_unique<connection_of<plain_stream>>(nullptr, std::move(peer), limits, std::move(socket));
    }
    auto& context = *tls;
    return std::make_unique<connection_of<secure_stream>>(std::move(tls), std::move(peer), limits, std::move(socket),
                                                          context);
}

}  // namespace tp::api::http
