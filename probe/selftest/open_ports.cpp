#include "probe/selftest/open_ports.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/files.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t largest_table = 4 * 1024 * 1024;  // octets
constexpr std::string_view listening = "0A", unconnected = "07";
using octets_v6 = boost::asio::ip::address_v6::bytes_type;

std::string_view next_word(std::string_view& line)
{
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    auto const word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    return word;
}

std::optional<std::uint32_t> number_in(std::string_view digits)
{
    std::uint32_t out = 0;
    auto const* const last = digits.data() + digits.size();
    auto const [end, error] = std::from_chars(digits.data(), last, out, 16);
    if (error != std::errc{} || end != last || digits.empty()) return std::nullopt;
    return out;
}

/// Words of 32 bits in the order of this machine, each of which holds octets in network order.
std::optional<ip_address> address_in(std::string_view digits)
{
    constexpr std::size_t digits_of_word = 8;
    octets_v6 octets{};
    if (digits.size() != digits_of_word && digits.size() != 4 * digits_of_word) return std::nullopt;
    for (std::size_t at = 0; at < digits.size(); at += digits_of_word) {
        auto const word = number_in(digits.substr(at, digits_of_word));
        if (!word) return std::nullopt;
        for (std::size_t i = 0; i < 4; ++i) octets[at / 2 + i] = static_cast<unsigned char>(*word >> (8 * i));
    }
    if (digits.size() == 4 * digits_of_word) return boost::asio::ip::address_v6(octets);
    return boost::asio::ip::address_v4({octets[0], octets[1], octets[2], octets[3]});
}

bool is_own(ip_address const& address)
{
    if (address.is_loopback()) return true;
    return address.is_v6() && address.to_v6().is_v4_mapped() &&
           boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).is_loopback();
}

std::optional<open_port> read_line(std::string_view line, open_port::transport over)
{
    next_word(line);  // its number
    auto const local = next_word(line), remote = next_word(line), state = next_word(line);
    auto const colon = local.find(':');
    if (colon == local.npos) return std::nullopt;
    auto const address = address_in(local.substr(0, colon));
    auto const port = number_in(local.substr(colon + 1));
    if (!address || !port || *port > 65'535 || is_own(*address)) return std::nullopt;
    bool const is_open =
        over == open_port::transport::tcp ? state == listening : state == unconnected && remote.ends_with(":0000");
    if (!is_open) return std::nullopt;
    return open_port{over, *address, static_cast<std::uint16_t>(*port)};
}

}  // namespace

std::string text_of(open_port const& one)
{
    auto const address = one.address.to_string();
    return (one.over == open_port::transport::tcp ? "tcp " : "udp ") +
           (one.address.is_v6() ? '[' + address + ']' : address) + ':' + std::to_string(one.port);
}

std::vector<open_port> open_ports_in(std::string_view table, open_port::transport over)
{
    std::vector<open_port> out;
    for (std::size_t begin = 0; begin < table.size();) {
        auto const end = std::min(table.find('\n', begin), table.size());
        if (auto const one = read_line(table.substr(begin, end - begin), over)) out.push_back(*one);
        begin = end + 1;
    }
    return out;
}

result<std::vector<open_port>> find_open_ports(std::vector<std::uint16_t> const& allowed)
{
    using enum open_port::transport;
    struct row {
        char const* path;
        open_port::transport over;
    };
    std::vector<open_port> out;
    for (auto const& [path, over] : {row{"/proc/net/tcp", tcp}, row{"/proc/net/tcp6", tcp}, row{"/proc/net/udp", udp},
                                     row{"/proc/net/udp6", udp}}) {
        auto const table = read_file(path, largest_table);
        if (!table && table.error() == boost::system::errc::no_such_file_or_directory) continue;  // no IPv6 here
        if (!table) return table.error();
        for (auto const& one : open_ports_in(*table, over))
            if (std::find(allowed.begin(), allowed.end(), one.port) == allowed.end()) out.push_back(one);
    }
    return out;
}

}  // namespace tp::probe
