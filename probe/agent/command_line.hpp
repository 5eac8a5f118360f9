#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "probe/agent/host_log.hpp"
#include "probe/selftest/self_test.hpp"

namespace tp::probe {

inline constexpr char const* usage =
    "trigpoint-probe [--config FILE]      measures for a Trigpoint platform\n"
    "trigpoint-probe key [--config FILE]  prints this probe's public key, and makes it first if there is none\n"
    "trigpoint-probe rotate-key [--config FILE]\n"
    "                                     lets the running agent change its key, and waits a minute for it\n"
    "trigpoint-probe selftest --anchor ADDRESS [--ntp ADDRESS] [--allow-port N]... [--report FILE] [--config FILE]\n"
    "                                     tests this device before it is shipped: no port open but those allowed, "
    "storage,\n"
    "                                     key, clock, every type of measurement; FILE is what a factory list demands\n"
    "trigpoint-probe factory-reset --yes [--config FILE]\n"
    "                                     destroys key, results and log: the device is nobody's then\n"
    "trigpoint-probe log [--since TIME] [--refused] [--follow] [--config FILE]\n"
    "                                     prints what this probe did, and what it refused to do and why: time,\n"
    "                                     measurement, type, target, address, packets/octets sent and received, "
    "outcome\n"
    "trigpoint-probe caps [--config FILE] prints what measurements may cost here, and what today has cost\n"
    "trigpoint-probe status [--config FILE]\n"
    "                                     prints the slots from which this program is run, why the last update "
    "failed,\n"
    "                                     and which one is to come, and when\n"
    "trigpoint-probe postpone LENGTH [--config FILE]\n"
    "                                     waits so long (30m, 2h, 7d) with updates that are not urgent, but no longer "
    "than\n"
    "                                     to their deadline\n"
    "trigpoint-probe --help | --version\n"
    "FILE is /etc/trigpoint/trigpoint-probe.toml unless given; TIME is 2026-01-31, 2026-01-31T12:00:00Z (UTC), or an\n"
    "age: 90s, 30m, 2h, 7d.\n";

/// What somebody typed.
struct command_line {
    enum class what {
        run,
        key,
        rotate_key,
        selftest,
        factory_reset,
        log,
        caps,
        status,
        postpone,
        help,
        version,
        wrong
    };
    what is = what::run;
    std::string config = "/etc/trigpoint/trigpoint-probe.toml";
    log_filter wanted;              // log
    bool follow = false;            // log
    bool sure = false;              // factory-reset
    self_test_wish tests;           // selftest
    std::chrono::seconds length{};  // postpone

    static command_line read(std::vector<std::string_view> const& arguments, wall_time now);
};

}  // namespace tp::probe
