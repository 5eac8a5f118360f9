#include "probe/agent/command_line.hpp"

#include <charconv>
#include <utility>

#include "probe/update/put_off.hpp"

namespace tp::probe {
namespace {

using what = command_line::what;

what command_of(std::string_view word)
{
    if (word == "key") return what::key;
    if (word == "rotate-key") return what::rotate_key;
    if (word == "selftest") return what::selftest;
    if (word == "factory-reset") return what::factory_reset;
    if (word == "log") return what::log;
    if (word == "caps") return what::caps;
    if (word == "status") return what::status;
    if (word == "postpone") return what::postpone;
    return what::wrong;
}

/// False: that is no option here.
bool take_log_option(command_line& out, std::vector<std::string_view> const& arguments, std::size_t& at, wall_time now)
{
    auto const one = arguments[at];
    if (out.is != what::log) return false;
    if (one == "--follow") return out.follow = true;
    if (one == "--refused") return out.wanted.refused = true;
    if (one != "--since" || at + 1 == arguments.size()) return false;
    auto const since = parse_log_time(arguments[++at], now);
    if (since) out.wanted.since = *since;
    return since.has_value();
}

bool take_address(std::optional<ip_address>& into, std::string_view text)
{
    auto const address = parse_address(text);
    if (address) into = *address;
    return address.has_value();
}

/// Likewise.
bool take_test_option(command_line& out, std::vector<std::string_view> const& arguments, std::size_t& at)
{
    auto const one = arguments[at];
    if (out.is == what::factory_reset && one == "--yes") return out.sure = true;
    if (out.is != what::selftest || at + 1 == arguments.size()) return false;
    auto const value = arguments[++at];
    if (one == "--anchor") return take_address(out.tests.anchor, value);
    if (one == "--ntp") return take_address(out.tests.ntp, value);
    if (one == "--report") return !(out.tests.report = value).empty();
    std::uint16_t port = 0;
    auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), port);
    if (one != "--allow-port" || error != std::errc{} || end != value.data() + value.size()) return false;
    out.tests.allowed_ports.push_back(port);
    return true;
}

/// False: that is no length, or nothing that has one.
bool take_length(command_line& out, std::string_view word)
{
    auto const length = update::parse_length(word);
    if (out.is != what::postpone || out.length.count() > 0 || !length || length->count() == 0) return false;
    out.length = *length;
    return true;
}

command_line with_all_it_needs(command_line read)
{
    if (read.is == what::postpone && read.length.count() == 0) read.is = what::wrong;
    return read;
}

}  // namespace

command_line command_line::read(std::vector<std::string_view> const& arguments, wall_time now)
{
    command_line out;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        auto const one = arguments[i];
        if (one == "--help" || one == "-h")
            out.is = what::help;
        else if (one == "--version")
            out.is = what::version;
        else if (one == "--config" && i + 1 < arguments.size())
            out.config = arguments[++i];
        else if (i == 0 && command_of(one) != what::wrong)
            out.is = command_of(one);
        else if (!take_length(out, one) && !take_log_option(out, arguments, i, now) &&
                 !take_test_option(out, arguments, i))
            return {.is = what::wrong, .config = {}};
    }
    if (out.is == what::selftest && !out.tests.anchor) return {.is = what::wrong, .config = {}};
    return with_all_it_needs(std::move(out));
}

}  // namespace tp::probe
