#include "api/cli/client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/url.hpp>
#include <charconv>

#include "base/coroutine.hpp"

namespace tp::cli {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using tcp = asio::ip::tcp;
using request = http::request<http::string_body>;
using secure_stream = beast::ssl_stream<beast::tcp_stream>;

error_code tidy(error_code ec)
{
    return ec == beast::error::timeout ? make_error_code(errc::timed_out) : ec;
}

/// Writes the request and reads the answer; the limit holds for each silence, not for the whole of a long answer.
template <class Stream>
asio::awaitable<result<api_reply>> talk(Stream& stream, request const& question)
{
    auto& socket = beast::get_lowest_layer(stream);
    socket.expires_after(api_client::quiet_limit);
    auto const [write_error, written] = co_await http::async_write(stream, question, as_values);
    if (write_error) co_return tidy(write_error);

    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(api_client::largest_answer);
    while (!parser.is_done()) {
        socket.expires_after(api_client::quiet_limit);
        auto const [read_error, count] = co_await http::async_read_some(stream, buffer, parser, as_values);
        if (read_error) co_return tidy(read_error);
    }
    co_return api_reply{parser.get().result_int(), std::move(parser.get().body())};
}

asio::awaitable<result<void>> connect(beast::tcp_stream& stream, api_place const& place)
{
    tcp::resolver resolver(stream.get_executor());
    auto const [resolve_error, found] = co_await resolver.async_resolve(place.host, place.port, as_values);
    if (resolve_error) co_return resolve_error;
    stream.expires_after(api_client::connect_limit);
    auto const [connect_error, used] = co_await stream.async_connect(found, as_values);
    if (connect_error) co_return tidy(connect_error);
    co_return result<void>();
}

asio::awaitable<result<api_reply>> ask_plain(api_client::access const& access, request const& question)
{
    beast::tcp_stream stream(co_await asio::this_coro::executor);
    auto const connected = co_await connect(stream, access.place);
    if (!connected) co_return connected.error();
    co_return co_await talk(stream, question);
}

error_code trust(ssl::context& context, std::string const& ca_file)
{
    error_code ec;
    context.set_verify_mode(ssl::verify_peer);
    if (ca_file.empty())
        context.set_default_verify_paths(ec);
    else
        context.load_verify_file(ca_file, ec);
    return ec;
}

asio::awaitable<result<api_reply>> ask_tls(api_client::access const& access, request const& question)
{
    ssl::context context(ssl::context::tls_client);
    auto const trusted = trust(context, access.ca_file);
    if (trusted) co_return trusted;
    secure_stream stream(co_await asio::this_coro::executor, context);
    stream.set_verify_callback(ssl::host_name_verification(access.place.host));
    if (!SSL_set_tlsext_host_name(stream.native_handle(), access.place.host.c_str())) co_return errc::malformed;
    auto const connected = co_await connect(stream.next_layer(), access.place);
    if (!connected) co_return connected.error();
    auto const [shake_error] = co_await stream.async_handshake(ssl::stream_base::client, as_values);
    if (shake_error) co_return tidy(shake_error);
    co_return co_await talk(stream, question);
}

bool is_port(std::string_view text)
{
    std::uint16_t number = 0;  // from_chars refuses what does not fit
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number != 0;
}

std::string host_header(api_place const& place)
{
    auto const bare = place.host.find(':') == std::string::npos;
    auto const host = bare ? place.host : '[' + place.host + ']';
    return place.port == (place.tls ? "443" : "80") ? host : host + ':' + place.port;
}

}  // namespace

result<api_place> parse_api_url(std::string const& url)
{
    auto const parsed = boost::urls::parse_uri(url);
    if (!parsed || parsed->has_query() || parsed->has_fragment() || parsed->has_userinfo()) return errc::malformed;
    api_place out;
    out.tls = parsed->scheme() == "https";
    if (!out.tls && parsed->scheme() != "http") return errc::malformed;
    out.host = parsed->host_address();
    out.port = parsed->has_port() ? std::string(parsed->port()) : (out.tls ? "443" : "80");
    if (out.host.empty() || !is_port(out.port)) return errc::malformed;
    out.prefix = parsed->encoded_path();
    while (out.prefix.ends_with('/')) out.prefix.pop_back();
    return out;
}

result<api_reply> api_client::send(std::string_view method, std::string_view path, std::string_view body,
                                   std::string_view kind) const
{
    request question(http::string_to_verb(method), access_.place.prefix + "/api/v2/" + std::string(path), 11);
    question.set(http::field::host, host_header(access_.place));
    question.set(http::field::user_agent, "trigpoint");
    question.set(http::field::accept, "application/json");
    question.keep_alive(false);
    if (!access_.key.empty()) question.set(http::field::authorization, "Key " + access_.key);
    if (!body.empty()) question.set(http::field::content_type, kind);
    question.body() = body;
    question.prepare_payload();

    asio::io_context io{1};
    result<api_reply> outcome = errc::closed;
    auto work = access_.place.tls ? ask_tls(access_, question) : ask_plain(access_, question);
    asio::co_spawn(io, std::move(work), [&](std::exception_ptr thrown, result<api_reply> reply) {
        if (thrown) std::rethrow_exception(thrown);
        outcome = std::move(reply);
    });
    io.run();
    return outcome;
}

}  // namespace tp::cli
