#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "store/database.hpp"

/// What rules found about probes, with what they saw: written by the registry, read by whoever may see the probe.
namespace tp::store {

enum class severity {
    note,     // to be seen, and nothing more
    warning,  // makes suspect
    grave,    // isolates
};
std::string_view name_of(severity how) noexcept;

/// Texts are for people, as the host and the operator read them.
struct finding {
    static constexpr std::size_t longest_text = 4'000;  // octets; more is cut
    probe_id probe;
    std::string rule;  // its name in the table of registry/README.md: "canary"
    severity how{};
    std::string saw, compared_with, clears_when;
};

struct finding_record {
    finding what;
    wall_time at, seen_at;  // the first and the last time
    std::uint32_t seen = 1;
    std::optional<wall_time> cleared_at;
    std::string cleared_by;
    std::string held_back_by;  // the mass event for which an isolation by it waits; empty: it does not
};

enum class recorded { fresh, again };
/// A rule has one open finding a probe: what it saw last replaces what it saw before, the higher severity stays.
/// Errors: errc::not_found for a probe that does not exist.
boost::asio::awaitable<result<recorded>> record_finding(database& database, finding what);
/// Of those that are cleared a probe keeps the newest 200. Errors: errc::not_found when none is open.
boost::asio::awaitable<result<void>> clear_finding(database& database, probe_id probe, std::string rule,
                                                   std::string cleared_by);
struct held_finding {
    probe_id probe;
    std::string rule, because;
};
/// Which open findings isolate nobody for now; those that are not named do not wait any more.
boost::asio::awaitable<result<void>> hold_findings_back(database& database, std::vector<held_finding> held);
/// Open ones first, then the newest.
boost::asio::awaitable<result<std::vector<finding_record>>> findings_of(database& database, probe_id probe,
                                                                        std::uint32_t most);

}  // namespace tp::store
