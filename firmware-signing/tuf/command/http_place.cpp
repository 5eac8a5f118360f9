#include "firmware-signing/tuf/command/http_place.hpp"

namespace tp::tuf {
namespace {

constexpr std::string_view scheme = "http://";
constexpr std::string_view http_port = "80";

/// Cuts "host:port" or "[2001:db8::1]:port" in two.
error_code take_authority(std::string_view text, http_place& to)
{
    auto const bracket = text.find(']');
    auto const colon = text.find(':', text.starts_with('[') && bracket != text.npos ? bracket : 0);
    auto const host = text.substr(0, colon);
    to.port = colon == text.npos ? http_port : text.substr(colon + 1);
    bool const digits = to.port.find_first_not_of("0123456789") == to.port.npos;
    if (host.empty() || to.port.empty() || !digits || text.find('@') != text.npos) return errc::malformed;
    bool const bare = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
    to.host = bare ? host.substr(1, host.size() - 2) : host;
    return {};
}

/// RFC 3986 without what ends a path.
bool can_stand(char c)
{
    return c > 0x20 && c < 0x7f && std::string_view("\"#<>?[\\]^`{|}").find(c) == std::string_view::npos;
}

}  // namespace

result<http_place> http_place::parse(std::string_view url)
{
    if (!url.starts_with(scheme)) return errc::unsupported;
    auto const rest = url.substr(scheme.size());
    auto const slash = std::min(rest.find('/'), rest.size());
    http_place out;
    if (auto const why = take_authority(rest.substr(0, slash), out)) return why;
    out.prefix = rest.substr(slash);
    if (out.prefix.find_first_of("?#") != std::string::npos) return errc::malformed;
    if (!out.prefix.ends_with('/')) out.prefix += '/';
    return out;
}

std::string http_place::target(std::string_view file) const
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    auto out = prefix;
    for (char const c : file) {
        auto const octet = static_cast<unsigned char>(c);
        if (can_stand(c))
            out += c;
        else
            ((out += '%') += digits[octet >> 4]) += digits[octet & 15];
    }
    return out;
}

std::string http_place::authority() const
{
    auto const shown = host.find(':') == std::string::npos ? host : '[' + host + ']';
    return port == http_port ? shown : shown + ':' + port;
}

}  // namespace tp::tuf
