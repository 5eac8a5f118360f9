#include "probe/agent/command_line.hpp"

#include <utility>

namespace tp::probe {
namespace {

using what = command_line::what;

what command_of(std::string_view word)
{
    if (word == "key") return what::key;
    if (word == "log") return what::log;
    if (word == "caps") return what::caps;
    if (word == "status") return what::status;
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
        else if (!take_log_option(out, arguments, i, now))
            return {what::wrong, {}, {}, false};
    }
    return out;
}

}  // namespace tp::probe
