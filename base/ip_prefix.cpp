#include "base/ip_prefix.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace tp {
namespace {

constexpr std::size_t longest_address_text = 45;  // INET6_ADDRSTRLEN without the zero

using octets = std::array<std::uint8_t, 16>;

octets octets_of(ip_address const& address)
{
    octets out{};
    if (address.is_v4()) {
        auto const bytes = address.to_v4().to_bytes();
        std::copy(bytes.begin(), bytes.end(), out.begin());
    } else {
        auto const bytes = address.to_v6().to_bytes();
        std::copy(bytes.begin(), bytes.end(), out.begin());
    }
    return out;
}

unsigned bits_of(ip_address const& address)
{
    return address.is_v4() ? 32 : 128;
}

octets masked(octets value, unsigned length)
{
    for (unsigned i = 0; i < value.size(); ++i) {
        auto const kept = std::clamp<int>(static_cast<int>(length) - static_cast<int>(8 * i), 0, 8);
        value[i] = static_cast<std::uint8_t>(value[i] & (0xff00U >> kept));
    }
    return value;
}

ip_address address_from(octets const& value, bool v4)
{
    if (v4) return boost::asio::ip::address_v4({value[0], value[1], value[2], value[3]});
    boost::asio::ip::address_v6::bytes_type bytes;
    std::copy(value.begin(), value.end(), bytes.begin());
    return boost::asio::ip::address_v6(bytes);
}

}  // namespace

result<ip_address> parse_address(std::string_view text)
{
    constexpr std::string_view never("%\0", 2);  // a zone; and what would end the text early
    if (text.empty() || text.size() > longest_address_text || text.find_first_of(never) != text.npos)
        return errc::malformed;
    boost::system::error_code ec;
    auto const address = boost::asio::ip::make_address(std::string(text), ec);
    if (ec) return errc::malformed;
    return address;
}

result<ip_prefix> ip_prefix::parse(std::string_view text)
{
    auto const slash = text.find('/');
    auto const address = parse_address(text.substr(0, slash));
    if (!address) return address.error();
    if (slash == text.npos) return ip_prefix(*address, bits_of(*address));

    unsigned length = 0;
    auto const digits = text.substr(slash + 1);
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || end != digits.data() + digits.size()) return errc::malformed;
    auto const block = around(*address, length);
    if (!block || block->network() != *address) return errc::malformed;
    return block;
}

result<ip_prefix> ip_prefix::around(ip_address const& address, unsigned length)
{
    if (length > bits_of(address)) return errc::out_of_range;
    return ip_prefix(address_from(masked(octets_of(address), length), address.is_v4()), length);
}

bool ip_prefix::contains(ip_address const& address) const noexcept
{
    return address.is_v4() == network_.is_v4() && masked(octets_of(address), length_) == octets_of(network_);
}

std::string ip_prefix::text() const
{
    return network_.to_string() + '/' + std::to_string(length_);
}

}  // namespace tp
