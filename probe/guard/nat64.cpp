#include "probe/guard/nat64.hpp"

#include <array>
#include <cstdint>

namespace tp::probe {
namespace {

constexpr std::array<unsigned, 6> lengths{32, 40, 48, 56, 64, 96};
constexpr std::size_t skipped = 8;  // the octet of bits 64 to 71, always zero

}  // namespace

std::optional<ip_address> address_inside(boost::asio::ip::address_v6 const& address, unsigned length)
{
    bool known = false;
    for (auto const one : lengths) known = known || one == length;
    if (!known) return std::nullopt;
    auto const octets = address.to_bytes();
    boost::asio::ip::address_v4::bytes_type inside{};
    auto from = std::size_t{length} / 8;
    for (auto& octet : inside) {
        if (from == skipped && length != 96) ++from;
        octet = octets[from++];
    }
    return ip_address(boost::asio::ip::address_v4(inside));
}

std::vector<ip_prefix> translation_prefixes(ip_address const& answer)
{
    std::vector<ip_prefix> out;
    if (!answer.is_v6()) return out;
    auto const well_known = ip_prefix::parse("192.0.0.170/31").value();
    for (auto const length : lengths) {
        auto const inside = address_inside(answer.to_v6(), length);
        if (inside && well_known.contains(*inside)) out.push_back(ip_prefix::around(answer, length).value());
    }
    return out;
}

}  // namespace tp::probe
