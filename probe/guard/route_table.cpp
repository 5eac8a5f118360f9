#include "probe/guard/route_table.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/files.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t largest_table = 1024 * 1024;  // octets; a machine with more routes is no probe's first hop to us
constexpr std::size_t most_fields = 16;

using fields = std::vector<std::string_view>;

/// Fields of one line, taken off the text.
fields take_line(std::string_view& text)
{
    auto const end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    fields out;
    while (out.size() < most_fields) {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (line.empty()) break;
        auto const length = std::min(line.find_first_of(" \t"), line.size());
        out.push_back(line.substr(0, length));
        line.remove_prefix(length);
    }
    return out;
}

template <class T>
std::optional<T> number(std::string_view text, int base)
{
    T out{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

/// Octets in the machine's order.
std::optional<ip_address> v4_from_hex(std::string_view text)
{
    auto const value = number<std::uint32_t>(text, 16);
    if (!value) return std::nullopt;
    boost::asio::ip::address_v4::bytes_type octets;
    std::memcpy(octets.data(), &*value, octets.size());
    return boost::asio::ip::address_v4(octets);
}

std::optional<ip_address> v6_from_hex(std::string_view text)
{
    boost::asio::ip::address_v6::bytes_type octets;
    if (text.size() != 2 * octets.size()) return std::nullopt;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        auto const octet = number<std::uint8_t>(text.substr(2 * i, 2), 16);
        if (!octet) return std::nullopt;
        octets[i] = *octet;
    }
    return boost::asio::ip::address_v6(octets);
}

/// Interface, destination, gateway, flags, references, use, metric, mask.
std::optional<route> route_v4(fields const& line)
{
    if (line.size() < 8) return std::nullopt;
    auto const to = v4_from_hex(line[1]), gateway = v4_from_hex(line[2]);
    auto const flags = number<std::uint32_t>(line[3], 16), mask = number<std::uint32_t>(line[7], 16);
    auto const metric = number<std::uint32_t>(line[6], 10);
    if (!to || !gateway || !flags || !metric || !mask) return std::nullopt;
    auto const network = ip_prefix::around(*to, static_cast<unsigned>(std::popcount(*mask))).value();
    return route{network, *gateway, *metric, *flags, line[0]};
}

/// Destination, its length, source, its length, gateway, metric, references, use, flags, interface.
std::optional<route> route_v6(fields const& line)
{
    if (line.size() < 10) return std::nullopt;
    auto const to = v6_from_hex(line[0]), gateway = v6_from_hex(line[4]);
    auto const length = number<std::uint8_t>(line[1], 16);
    auto const metric = number<std::uint32_t>(line[5], 16), flags = number<std::uint32_t>(line[8], 16);
    if (!to || !gateway || !length || !metric || !flags) return std::nullopt;
    auto const network = ip_prefix::around(*to, *length);
    if (!network) return std::nullopt;
    return route{*network, *gateway, *metric, *flags, line[9]};
}

std::optional<route> route_v6_for_all(fields const& line)
{
    return line.size() > 3 && line[3] == "00" ? route_v6(line) : std::nullopt;
}

std::vector<route> read_all(std::string_view text, std::optional<route> (*read)(fields const&))
{
    std::vector<route> out;
    while (!text.empty())
        if (auto const one = read(take_line(text))) out.push_back(*one);
    return out;
}

}  // namespace

std::vector<route> read_routes_v4(std::string_view text)
{
    return read_all(text, route_v4);
}

std::vector<route> read_routes_v6(std::string_view text, sources wanted)
{
    return read_all(text, wanted == sources::all ? route_v6_for_all : route_v6);
}

/// A line: address, number, prefix length, scope, flags, name.
std::optional<std::uint32_t> interface_number(std::string_view interfaces, std::string_view name)
{
    while (!interfaces.empty()) {
        auto const line = take_line(interfaces);
        if (line.size() >= 6 && line[5] == name) return number<std::uint32_t>(line[1], 16);
    }
    return std::nullopt;
}

std::string read_table(char const* path)
{
    auto file = read_file(path, largest_table);
    return file ? std::move(*file) : std::string();
}

}  // namespace tp::probe
