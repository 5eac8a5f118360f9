#include "probe/update/status_text.hpp"

#include "probe/agent/host_log.hpp"

namespace tp::update {
namespace {

using probe::log_time;

std::string mode_text(host_wishes const& host)
{
    auto const hours = host.window.empty() ? std::string("at any hour") : "between " + host.window.text();
    switch (host.how) {
        case host_wishes::mode::automatic:
            return "installed by themselves, " + hours;
        case host_wishes::mode::forced_only:
            return "installed by themselves only if they are urgent";
        case host_wishes::mode::off:
            break;
    }
    return "not installed: this host wants none";
}

std::string instruction_text(proto::instruction const& what)
{
    auto out = "rollout " + std::to_string(what.rollout) + " of " + log_time(what.issued) + ", ";
    if (!what.install) return out + "halted: nothing is to be installed\n";
    auto const& wanted = *what.install;
    bool const forced = wanted.how == proto::instruction::mode::forced;
    out += "release " + std::to_string(wanted.release) + " for " + wanted.model;
    out +=
        forced ? ", at once" : ", from " + log_time(wanted.not_before) + ", at the latest " + log_time(wanted.deadline);
    return out + ", good until " + log_time(what.expires) + '\n';
}

std::string plan_text(begin_plan const& plan, wall_time now)
{
    switch (plan.is) {
        case begin_plan::kind::at:
            return plan.at <= now ? "begins now, or as soon as a controller is there\n"
                                  : "begins " + log_time(plan.at) + '\n';
        case begin_plan::kind::declined:
            return "does not begin: this host does not want it\n";
        case begin_plan::kind::too_late:
            break;
    }
    return "does not begin any more: it has expired\n";
}

std::string progress_text(memory const& known)
{
    std::string out(name_of(known.at));
    if (known.why != firmware::cause::none)
        out += ": " + std::string(firmware::meaning_of(known.why)) + " (" + std::string(firmware::name_of(known.why)) +
               (known.over ? ")" : "), to be tried again");
    return out + '\n';
}

/// As the platform is told; nothing while all is quiet, for then it is told of what runs.
std::string told_text(memory const& known)
{
    if (known.at == phase::idle && known.why == firmware::cause::none) return {};
    bool const attacked = firmware::looks_like_attack(known.why);
    return "in LwM2M's words: " + std::string(name_of(state_of(known.at))) + ", " +
           std::string(name_of(result_so_far(known.why))) + (attacked ? "\nit looks like an attack\n" : "\n");
}

}  // namespace

std::string status_text(memory const& known, host_wishes const& host, wall_time put_off, wall_time now)
{
    auto const root =
        known.root_version > 0 ? "version " + std::to_string(known.root_version) : std::string("none yet");
    auto out = "trusted root: " + root + "\nupdates: " + mode_text(host) + '\n';
    if (put_off > now) out += "put off by this host until: " + log_time(put_off) + '\n';
    auto const read = known.last && !known.last->octets.empty() ? proto::decode_instruction(known.last->octets)
                                                                : result<proto::instruction>(errc::not_found);
    if (!read) return out + "last instruction: none\n";
    out += "last instruction: " + instruction_text(*read) + "update: " + progress_text(known) + told_text(known);
    if (known.plan) out += "it " + plan_text(*known.plan, now);
    return out;
}

}  // namespace tp::update
