#include "base/endpoint.hpp"

#include <charconv>
#include <cstdint>

#include "base/ip_prefix.hpp"

namespace tp {

result<boost::asio::ip::tcp::endpoint> parse_endpoint(std::string_view text)
{
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos) return errc::malformed;
    auto host = text.substr(0, colon);
    auto const digits = text.substr(colon + 1);
    bool const in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (in_brackets) host = host.substr(1, host.size() - 2);

    auto const address = parse_address(host);
    if (!address || address->is_v6() != in_brackets) return errc::malformed;

    std::uint16_t port = 0;
    auto const* const last = digits.data() + digits.size();
    auto const [end, error] = std::from_chars(digits.data(), last, port);
    if (error != std::errc{} || end != last) return errc::malformed;
    return boost::asio::ip::tcp::endpoint(*address, port);
}

}  // namespace tp
