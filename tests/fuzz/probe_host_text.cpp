// Texts from a user, a host and a kernel: what is taken for a target is one, no log line can be forged, tables are
// tables.
#include <arpa/inet.h>
#include <algorithm>

#include "probe/agent/host_log.hpp"
#include "probe/guard/near_hops.hpp"
#include "probe/guard/quiet_hours.hpp"
#include "probe/guard/target_text.hpp"
#include "probe/guard/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace tp::probe;
    std::string const text(reinterpret_cast<char const*>(data), size);
    in_addr taken{};
    if (kind_of_target(text) == target_text::name && ::inet_aton(text.c_str(), &taken) != 0) __builtin_trap();

    tp::proto::failure const why{tp::proto::failure_source::guard, text};
    auto const line =
        log_line({{}, tp::measurement_id::from(1).value(), tp::proto::result_kind::ping, text, {}, {}, why, text});
    bool const clean = std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < 0x7f; });
    if (!clean || line.size() > host_log::longest_line) __builtin_trap();
    if (!log_filter{{}, true}.wants(line)) __builtin_trap();
    static_cast<void>(log_filter{{}, true}.wants(text));
    static_cast<void>(parse_log_time(text, {}));

    quiet_hours hours;
    if (hours.add(text) && hours.text() != text) __builtin_trap();
    static_cast<void>(parse_utc_offset(text));
    static_cast<void>(default_gateway_v4(text));
    static_cast<void>(default_gateway_v6(text, text));
    for (auto const& own :
         on_link_networks(text, text, {"eth0"}))  // a route is never taken for one to most of the Internet
        if (own.length() < (own.network().is_v4() ? 8U : 32U)) __builtin_trap();
    return 0;
}
