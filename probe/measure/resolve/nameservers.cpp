#include "probe/measure/resolve/nameservers.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/files.hpp"

namespace tp::probe {
namespace {

constexpr std::string_view blank = " \t\r";

/// The first word, taken off.
std::string_view take_word(std::string_view& line)
{
    line.remove_prefix(std::min(line.find_first_not_of(blank), line.size()));
    auto const word = line.substr(0, line.find_first_of(blank));
    line.remove_prefix(word.size());
    return word;
}

std::optional<ip_address> read_address(std::string_view word)
{
    auto const zone = word.find('%');
    auto const plain = parse_address(word.substr(0, zone));
    if (!plain) return std::nullopt;
    if (zone == word.npos) return *plain;
    if (!plain->is_v6()) return std::nullopt;
    error_code failed;
    auto const with_zone = boost::asio::ip::make_address_v6(std::string(word), failed);
    if (failed || with_zone.scope_id() == 0) return std::nullopt;  // 0: no such device
    return with_zone;
}

}  // namespace

std::vector<ip_address> resolver_list::parse(std::string_view text)
{
    std::vector<ip_address> out;
    while (!text.empty() && out.size() < most) {
        auto const end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (!line.starts_with("nameserver")) continue;
        if (take_word(line) != "nameserver") continue;
        auto const address = read_address(take_word(line));
        if (address && std::find(out.begin(), out.end(), *address) == out.end()) out.push_back(*address);
    }
    return out;
}

nameservers::version nameservers::on_disk() const
{
    struct stat status {};
    if (::stat(file_.c_str(), &status) != 0) return {};
    // Widened before it is multiplied: armhf's seconds have 32 bits.
    return {std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_ino,
            static_cast<std::uint64_t>(status.st_size)};
}

bool nameservers::look(steady_time now)
{
    if (now < next_look_) return false;
    next_look_ = now + look_every;
    auto const there = on_disk();
    if (there == read_) return false;
    read_ = there;
    auto const text = read_file(file_, resolver_list::largest_file);
    auto before = std::exchange(all_, text ? resolver_list::parse(*text) : std::vector<ip_address>());
    return all_ != before;
}

}  // namespace tp::probe
