#include "probe/supervisor/arguments.hpp"

#include <charconv>

#include "probe/firmware/manifest.hpp"

namespace tp::supervisor {
namespace {

using verb = arguments::verb;

std::optional<verb> verb_of(std::string_view word)
{
    if (word == "run") return verb::run;
    if (word == "install") return verb::install;
    if (word == "status") return verb::status;
    if (word == "--help" || word == "-h") return verb::help;
    if (word == "--version") return verb::version;
    return std::nullopt;
}

bool read_number(std::string_view text, std::uint64_t least, std::uint64_t most, std::uint64_t& into)
{
    auto const* const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, into);
    return error == std::errc{} && end == last && into >= least && into <= most;
}

/// False: it is no option of this command, or its value is none.
bool take(arguments& out, std::string_view option, std::string_view value)
{
    constexpr auto highest = firmware::manifest::highest_release;
    bool const run = out.is == verb::run, install = out.is == verb::install;
    std::uint64_t number = 0;
    if (option == "--slots" || option == "--slot-a" || option == "--slot-b") {
        (option == "--slots" ? out.slots : option == "--slot-a" ? out.slot_a : out.slot_b) = value;
        return !value.empty();
    }
    if (run && option == "--tries" && read_number(value, 1, arguments::most_tries, number)) {
        out.tries = static_cast<unsigned>(number);
        return true;
    }
    constexpr auto longest = static_cast<std::uint64_t>(arguments::longest_trial.count());
    if (run && option == "--commit-within" && read_number(value, 1, longest, number)) {
        out.commit_within = std::chrono::seconds(number);
        return true;
    }
    if (install && option == "--model") {
        out.model = value;
        return firmware::is_name(value);
    }
    if (install && option == "--release") return read_number(value, 1, highest, out.release);
    return install && option == "--floor" && read_number(value, 0, highest, out.floor);
}

bool is_complete(arguments const& read)
{
    bool const needs_slots = read.is == verb::run || read.is == verb::install || read.is == verb::status;
    bool const whole = read.is != verb::install || (!read.model.empty() && read.release > 0 && !read.program.empty());
    bool const both = read.slot_a.empty() == read.slot_b.empty();
    return whole && needs_slots != read.slots.empty() && both && (needs_slots || read.slot_a.empty());
}

}  // namespace

firmware::slot_places arguments::places() const
{
    if (slot_a.empty()) return {slots};
    return {slots, slot_a, slot_b};
}

result<arguments> arguments::read(std::vector<std::string_view> const& words)
{
    arguments out;
    auto const first = words.empty() ? std::nullopt : verb_of(words.front());
    if (!first) return errc::malformed;
    out.is = *first;
    std::size_t at = 1;
    for (; at < words.size() && words[at] != "--"; ++at) {
        if (out.is == verb::install && !words[at].starts_with("--") && out.program.empty()) {
            out.program = words[at];
            continue;
        }
        if (at + 1 == words.size() || !take(out, words[at], words[at + 1])) return errc::malformed;
        ++at;
    }
    if (at < words.size() && out.is != verb::run) return errc::malformed;
    for (++at; at < words.size(); ++at) out.passed_on.emplace_back(words[at]);
    if (!is_complete(out)) return errc::malformed;
    return out;
}

}  // namespace tp::supervisor
