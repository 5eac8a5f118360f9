#include "probe/measure/http/request.hpp"

#include "base/ip_prefix.hpp"

namespace tp::probe {
namespace {

constexpr std::uint16_t http_port = 80;

/// Without octets outside printable ASCII, and without those below `lowest`.
std::string printable(std::string_view text, char lowest)
{
    constexpr char highest = '~';
    std::string out;
    for (char const c : text)
        if (c >= lowest && c <= highest) out += c;
    return out;
}

/// The value of the Host header: "anchor.example", "[2001:db8::1]:8080".
std::string host_and_port(proto::http_options const& told, std::string_view target)
{
    auto const address = parse_address(target);
    auto host = printable(target, '!');
    if (address && address->is_v6()) host = '[' + host + ']';
    bool const usual = told.port == http_port || told.port == https_port;
    return usual ? host : host + ':' + std::to_string(told.port);
}

/// A slash always comes first, so that no other form of target (RFC 9112, section 3.2) makes an anchor a proxy.
std::string path_and_query(proto::http_options const& told)
{
    auto out = printable(told.path, '!');
    if (!out.starts_with('/')) out.insert(0, 1, '/');
    auto const query = printable(told.query_string, '!');
    return query.empty() ? out : out + '?' + query;
}

std::string_view word(proto::http_method method)
{
    switch (method) {
        case proto::http_method::head:
            return "HEAD";
        case proto::http_method::post:
            return "POST";
        case proto::http_method::get:
            break;
    }
    return "GET";
}

}  // namespace

std::string uri_of(proto::http_options const& told, std::string_view target)
{
    auto const* const scheme = told.port == https_port ? "https://" : "http://";
    return scheme + host_and_port(told, target) + path_and_query(told);
}

std::string request_for(proto::http_options const& told, std::string_view target)
{
    constexpr std::string_view line_end = "\r\n";
    std::string out(word(told.method));
    out += ' ' + path_and_query(told) + (told.version_1_0 ? " HTTP/1.0" : " HTTP/1.1");
    out += line_end;
    out += "Host: " + host_and_port(told, target);
    out += line_end;
    out += "Connection: close";
    out += line_end;
    out += "User-Agent: " + printable(told.user_agent, ' ');
    out += line_end;
    if (told.method == proto::http_method::post) {
        out += "Content-Type: application/x-www-form-urlencoded";
        out += line_end;
        out += "Content-Length: 0";
        out += line_end;
    }
    out += line_end;
    return out;
}

}  // namespace tp::probe
