#include "probe/anchor/dns/zone.hpp"

#include <algorithm>
#include <charconv>

namespace tp::anchor {
namespace {

/// A number in its one spelling, so that each text has one name.
std::optional<std::size_t> read_size(std::string const& label)
{
    if (label.empty() || label.find_first_not_of("0123456789") != label.npos) return std::nullopt;
    if (label.size() > 1 && label.front() == '0') return std::nullopt;
    std::size_t value = 0;
    auto const error = std::from_chars(label.data(), label.data() + label.size(), value).ec;
    if (error != std::errc{} || value > largest_text) return std::nullopt;
    return value;
}

}  // namespace

dns_place find_in_zone(std::vector<std::string> const& labels, std::vector<std::string> const& zone)
{
    using enum dns_place::kind;
    if (labels.size() < zone.size() || !std::equal(zone.rbegin(), zone.rend(), labels.rbegin())) return {elsewhere};
    auto const below = labels.size() - zone.size();
    if (below == 0) return {apex};
    if (labels[below - 1] != "txt") return {absent};
    if (below == 1) return {empty};
    auto const size = read_size(labels[below - 2]);
    return size ? dns_place{text, *size} : dns_place{absent};
}

dns_place find_in_chaos(std::vector<std::string> const& labels)
{
    using names = std::vector<std::string>;
    bool const ours = labels == names{"hostname", "bind"} || labels == names{"id", "server"};
    return {ours ? dns_place::kind::server : dns_place::kind::elsewhere};
}

std::string text_of_size(std::size_t size)
{
    std::string out(size, '0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>('0' + i % 10);
    return out;
}

}  // namespace tp::anchor
