#include "base/http/call.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/url.hpp>
#include <charconv>

#include "base/coroutine.hpp"

namespace tp::http_call {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using tcp = asio::ip::tcp;
using request = http::request<http::string_body>;

constexpr std::uint16_t plain_port = 80, secure_port = 443;

request request_of(question const& what)
{
    request out(http::string_to_verb(what.method), what.where.target, 11);
    out.set(http::field::host, what.where.host_and_port());
    out.set(http::field::user_agent, "Trigpoint");
    out.set(http::field::accept, "*/*");
    for (auto const& [name, value] : what.headers) out.set(name, value);
    out.keep_alive(false);
    out.body() = what.body;
    out.prepare_payload();
    return out;
}

template <class Stream>
asio::awaitable<result<answer>> talk(Stream& stream, question const& what, limits most)
{
    auto const asked = request_of(what);
    auto const [write_error, written] = co_await http::async_write(stream, asked, as_values);
    if (write_error) co_return write_error;
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(most.header));
    parser.body_limit(most.body);
    auto const [read_error, count] = co_await http::async_read(stream, buffer, parser, as_values);
    if (read_error == http::error::body_limit || read_error == http::error::header_limit) co_return errc::too_large;
    if (read_error) co_return read_error;
    co_return answer{parser.get().result_int(), std::move(parser.get().body())};
}

asio::awaitable<result<void>> connect(tcp::socket& socket, question const& what)
{
    std::vector<tcp::endpoint> to;
    if (what.at) {
        to.push_back(*what.at);
    } else {
        tcp::resolver resolver(socket.get_executor());
        auto const port = std::to_string(what.where.port);
        auto const [error, found] = co_await resolver.async_resolve(what.where.host, port, as_values);
        if (error) co_return error;
        for (auto const& each : found) to.push_back(each.endpoint());
    }
    auto const [error, used] = co_await asio::async_connect(socket, to, as_values);
    if (error) co_return error;
    co_return result<void>{};
}

asio::awaitable<result<answer>> exchange(question what, limits most, ssl::context* tls)
{
    if (what.where.secure && tls == nullptr) co_return errc::unsupported;
    tcp::socket socket(co_await asio::this_coro::executor);
    auto const connected = co_await connect(socket, what);
    if (!connected) co_return connected.error();
    if (!what.where.secure) co_return co_await talk(socket, what, most);

    beast::ssl_stream<tcp::socket> stream(std::move(socket), *tls);
    stream.set_verify_callback(ssl::host_name_verification(what.where.host));
    if (!SSL_set_tlsext_host_name(stream.native_handle(), what.where.host.c_str())) co_return errc::malformed;
    auto const [shaken] = co_await stream.async_handshake(ssl::stream_base::client, as_values);
    if (shaken) co_return shaken;
    co_return co_await talk(stream, what, most);
}

}  // namespace

result<url> url::parse(std::string_view text)
{
    auto const parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
    if (!parsed || parsed->has_userinfo() || parsed->has_fragment()) return errc::malformed;
    url out;
    out.secure = parsed->scheme() == "https";
    if (!out.secure && parsed->scheme() != "http") return errc::malformed;
    out.host = parsed->host_address();
    out.port = out.secure ? secure_port : plain_port;
    if (parsed->has_port()) {
        auto const port = std::string(parsed->port());
        auto const [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
        if (error != std::errc{} || end != port.data() + port.size() || out.port == 0) return errc::malformed;
    }
    if (out.host.empty()) return errc::malformed;
    out.target = std::string(parsed->encoded_target());
    if (out.target.empty() || out.target.front() != '/') out.target.insert(0, 1, '/');
    return out;
}

std::string url::host_and_port() const
{
    auto const bare = host.find(':') == std::string::npos ? host : '[' + host + ']';
    return port == (secure ? secure_port : plain_port) ? bare : bare + ':' + std::to_string(port);
}

asio::awaitable<result<answer>> ask(question what, limits within_limits, ssl::context* tls)
{
    auto work = exchange(std::move(what), within_limits, tls);
    co_return co_await within(within_limits.whole, std::move(work));
}

result<std::shared_ptr<ssl::context>> verifying_tls(std::string const& ca_file)
{
    auto out = std::make_shared<ssl::context>(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(out->native_handle(), TLS1_2_VERSION);
    out->set_verify_mode(ssl::verify_peer);
    error_code error;
    if (ca_file.empty())
        out->set_default_verify_paths(error);
    else
        out->load_verify_file(ca_file, error);
    if (error) return error;
    return out;
}

}  // namespace tp::http_call
