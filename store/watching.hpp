#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "store/database.hpp"
#include "store/findings.hpp"
#include "store/trust.hpp"

/// What the registries' detectors know of each probe, and what they remember of it from round to round.
namespace tp::store {

/// What only the detectors' own past tells. Rounds are counted in their length, from 1970 on.
struct watch_memory {
    trust_state left_in{};                            // the state in which they left it
    std::vector<std::string> held_against, proposed;  // rules
    std::uint32_t clean_rounds = 0, isolations = 0;
    std::optional<std::int64_t> isolated_at;
    bool operator==(watch_memory const&) const = default;
};

struct watched_probe {
    probe_id probe;
    trust_record trust;
    std::optional<double> latitude, longitude;  // as its host says
    std::string software;                       // the version that it reported
    std::optional<std::uint32_t> home_as;       // in which it was for most of `home_span`
    std::vector<std::string> open_findings;     // rules
    std::optional<watch_memory> remembered;
};
inline constexpr std::chrono::hours home_span{24 * 14};    // a new AS is home after half of it
inline constexpr std::chrono::hours watched_for{24 * 30};  // a probe that is away for longer is left alone

/// Those that may connect and have done so lately.
boost::asio::awaitable<result<std::vector<watched_probe>>> watched_probes(database& database);

struct watch_round {
    std::chrono::seconds length{};
    std::int64_t last = 0;
    bool operator==(watch_round const&) const = default;
};
/// The last round that a registry has finished; none at first.
boost::asio::awaitable<result<std::optional<watch_round>>> last_watch_round(database& database);

struct remembered_probe {
    probe_id probe;
    std::optional<watch_memory> what;  // none: nothing is worth remembering any more
};
/// Notes that a round was done, and what is to be remembered of it. Errors: errc::conflict when `before` is not the
/// last one any more: another registry did it, and nothing was written.
boost::asio::awaitable<result<void>> finish_watch_round(database& database, std::optional<watch_round> before,
                                                        watch_round done, std::vector<remembered_probe> changed);

struct alert {
    std::string kind;     // "mass event", "proposal", "anchor in doubt"
    std::string subject;  // "AS64500", "probe 12"
    std::string rule;
    std::string said;
};
/// Tells operators, unless the same kind, subject and rule was told within `once_in`. The newest
/// 10,000 are kept.
boost::asio::awaitable<result<recorded>> raise_alert(database& database, alert what, std::chrono::seconds once_in);

struct alert_record {
    std::int64_t number = 0;
    wall_time at;
    alert what;
};
/// The newest first.
boost::asio::awaitable<result<std::vector<alert_record>>> list_alerts(database& database, std::uint32_t most);

}  // namespace tp::store
