#include "probe/agent/host_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "base/owned_fd.hpp"
#include "proto/kind_names.hpp"

namespace tp::probe {
namespace {

constexpr std::string_view time_form = "0000-00-00T00:00:00Z", day_form = "0000-00-00";
constexpr std::size_t longest_word = 256;  // octets of a target, as written: names have 253

bool is_printable(char c)
{
    return c > 0x20 && c < 0x7f;
}

/// One word that cannot be taken for two, nor for a line.
std::string word(std::string_view text)
{
    std::string out;
    for (char const c : text) {
        if (out.size() >= longest_word) break;
        char code[8];
        std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        if (is_printable(c) && c != '\\')
            out += c;
        else
            out += code;
    }
    return out.empty() ? "-" : out;
}

std::string printable(std::string_view text)
{
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return !is_printable(c) && c != ' '; }, '?');
    return out;
}

std::string pair(std::uint64_t packets, std::uint64_t octets)
{
    return std::to_string(packets) + '/' + std::to_string(octets);
}

std::string_view name_of(proto::failure_source source)
{
    using enum proto::failure_source;
    switch (source) {
        case target:
            return "target";
        case resolver:
            return "resolver";
        case network:
            return "network";
        case guard:
            return "guard";
        default:
            return "probe";
    }
}

std::string outcome_of(run_entry const& run)
{
    if (!run.failed) return "done";
    auto const& what = *run.failed;
    if (what.source != proto::failure_source::guard)
        return "failed by " + std::string(name_of(what.source)) + ": " + printable(what.text);
    auto const why = run.why.empty() ? "" : " (" + printable(run.why) + ')';
    return "refused: " + printable(what.text) + why;
}

bool has_form(std::string_view text, std::string_view form)
{
    return text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(), [](char c, char wanted) {
               return wanted == '0' ? c >= '0' && c <= '9' : c == wanted;
           });
}

result<wall_time> parse_date(std::string_view text)
{
    bool const with_time = has_form(text, time_form);
    if (!with_time && !has_form(text, day_form)) return errc::malformed;
    auto const number = [&](std::size_t from, std::size_t length) {
        int out = 0;
        std::from_chars(text.data() + from, text.data() + from + length, out);
        return out;
    };
    using namespace std::chrono;
    auto const day = year{number(0, 4)} / month{static_cast<unsigned>(number(5, 2))} /
                     std::chrono::day{static_cast<unsigned>(number(8, 2))};
    // wall_time counts nanoseconds in 64 bits, which end in the year 2262.
    if (!day.ok() || day.year() < year(1970) || day.year() > year(2261)) return errc::malformed;
    auto out = wall_time(sys_days(day));
    if (with_time) out += hours(number(11, 2)) + minutes(number(14, 2)) + seconds(number(17, 2));
    return out;
}

result<wall_time> parse_age(std::string_view text, wall_time now)
{
    constexpr std::uint32_t most = 100'000;
    std::uint32_t count = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end + 1 != text.data() + text.size() || count > most) return errc::malformed;
    switch (*end) {
        case 's':
            return now - std::chrono::seconds(count);
        case 'm':
            return now - std::chrono::minutes(count);
        case 'h':
            return now - std::chrono::hours(count);
        case 'd':
            return now - std::chrono::days(count);
        default:
            return errc::malformed;
    }
}

}  // namespace

std::string log_time(wall_time at)
{
    auto const seconds = static_cast<std::time_t>(to_unix_seconds(at));
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

result<wall_time> parse_log_time(std::string_view text, wall_time now)
{
    auto const date = parse_date(text);
    return date ? date : parse_age(text, now);
}

std::string log_line(run_entry const& run)
{
    auto out = log_time(run.at) + ' ' + run.measurement.text() + ' ' +
               std::string(proto::names_of(run.kind).capability) + ' ' + word(run.target) + ' ' +
               (run.address ? run.address->to_string() : "-") + " sent " +
               pair(run.cost.packets_sent, run.cost.octets_sent) + " received " +
               pair(run.cost.packets_received, run.cost.octets_received) + ' ' + outcome_of(run);
    if (out.size() > host_log::longest_line) out.resize(host_log::longest_line);
    return out;
}

bool log_filter::wants(std::string_view line) const
{
    // Times of this form stand in the order of their letters.
    if (since && line.substr(0, time_form.size()) < log_time(*since)) return false;
    if (!refused) return true;
    constexpr unsigned words_before = 9;  // what was sent and received included
    for (unsigned i = 0; i < words_before; ++i) {
        auto const blank = line.find(' ');
        if (blank == line.npos) return false;
        line.remove_prefix(blank + 1);
    }
    return line.starts_with("refused:");
}

host_log::host_log(std::filesystem::path folder, std::uint64_t most_octets)
    : path_(std::move(folder) / "log"), most_(most_octets)
{
}

host_log::~host_log()
{
    auto const ignored = flush();
    static_cast<void>(ignored);
    if (fd_ >= 0) ::close(fd_);
}

void host_log::write(run_entry const& run)
{
    waiting_ += log_line(run) + '\n';
    if (waiting_.size() < block) return;
    auto const ignored = flush();  // the next one a second later tells
    static_cast<void>(ignored);
}

result<void> host_log::flush()
{
    if (waiting_.empty()) return {};
    auto const text = std::exchange(waiting_, {});
    if (auto const opened = open(text.size()); !opened) return opened.error();
    auto const written = ::write(fd_, text.data(), text.size());
    if (written < 0) return last_error();
    size_ += static_cast<std::uint64_t>(written);
    return {};
}

/// Opens the file, or begins the next one when this one has no room for so many octets.
result<void> host_log::open(std::size_t more)
{
    if (fd_ < 0) {
        if (auto const opened = reopen(); !opened) return opened;
    }
    if (size_ == 0 || size_ + more <= most_) return {};
    ::close(std::exchange(fd_, -1));
    if (::rename(path_.c_str(), (path_.string() + ".1").c_str()) != 0) return last_error();
    return reopen();
}

result<void> host_log::reopen()
{
    fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    struct stat status {};
    if (fd_ < 0 || ::fstat(fd_, &status) != 0) return last_error();
    size_ = static_cast<std::uint64_t>(status.st_size);
    return {};
}

}  // namespace tp::probe
