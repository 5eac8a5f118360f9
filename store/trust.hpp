#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "store/database.hpp"

/// Whom the platform trusts, how that changes, and why. Which event leads where is decided by registry/trust, and held
/// by the database in the table trust_rule.
namespace tp::store {

enum class trust_state { preauthorised, pending, active, suspect, isolated, probation, revoked, retired };
inline constexpr trust_state every_trust_state[] = {
    trust_state::preauthorised, trust_state::pending,   trust_state::active,  trust_state::suspect,
    trust_state::isolated,      trust_state::probation, trust_state::revoked, trust_state::retired};

/// What may happen to a probe's trust.
enum class trust_event {
    claimed,      // its host entered a claim code for a device that was on a factory list
    admitted,     // it proved its key, and nothing else is asked for
    doubted,      // a finding that calls for a closer look
    accused,      // a finding that calls for isolation
    cleared,      // a window without findings
    isolated,     // by hand
    released,     // by hand, to full trust
    tried,        // by hand, to probation
    revoked,      // its key is never taken again
    retired,      // out of service on purpose
    written_off,  // lost or broken
    transferred,  // to another host
    reset,        // to factory settings
    reinstated,   // retired, and it came back
};
inline constexpr trust_event every_trust_event[] = {
    trust_event::claimed, trust_event::admitted,  trust_event::doubted,     trust_event::accused,
    trust_event::cleared, trust_event::isolated,  trust_event::released,    trust_event::tried,
    trust_event::revoked, trust_event::retired,   trust_event::written_off, trust_event::transferred,
    trust_event::reset,   trust_event::reinstated};

/// Who makes it happen: the platform by its rules, a person who runs it, or the one who has the probe.
enum class trust_actor { registry, operator_, host };
inline constexpr trust_actor every_trust_actor[] = {trust_actor::registry, trust_actor::operator_, trust_actor::host};

// As the database and the API write them: "written_off", "operator".
std::string_view name_of(trust_state state) noexcept;
std::string_view name_of(trust_event event) noexcept;
std::string_view name_of(trust_actor actor) noexcept;
std::optional<trust_state> trust_state_named(std::string_view name) noexcept;

/// May hold a session on a controller.
constexpr bool may_connect(trust_state state) noexcept
{
    return state == trust_state::active || state == trust_state::suspect || state == trust_state::isolated ||
           state == trust_state::probation;
}

/// Is given measurements, and its results are served. The SQL function measures() says the same.
constexpr bool measures(trust_state state) noexcept
{
    return may_connect(state) && state != trust_state::isolated;
}

/// What became of a change that was asked for.
struct trust_outcome {
    enum class kind {
        changed,
        already,       // it is so: nothing was done, and nothing logged
        not_possible,  // the event leads nowhere from `from`
        forbidden,     // the account is no operator, or not the probe's host
    };
    kind what{};
    trust_state from{}, to{};
};

/// Applies an event by the platform's own rules, logs it, and announces it. Errors: errc::not_found.
boost::asio::awaitable<result<trust_outcome>> change_trust(database& database, probe_id probe, trust_event event,
                                                           std::string reason);

/// The same by the word of a person. The database checks that the account is an operator's, or the probe's host's.
struct trust_wish {
    probe_id probe;
    trust_event event{};
    trust_actor actor{};  // operator_ or host
    account_id account;
    std::string reason;
};
boost::asio::awaitable<result<trust_outcome>> change_trust(database& database, trust_wish wish);

/// Where a probe stands.
struct trust_record {
    trust_state state{};
    bool held = false;  // isolated by an operator's word, which no clean window lifts
    wall_time since;
};
/// Errors: errc::not_found.
boost::asio::awaitable<result<trust_record>> trust_of(database& database, probe_id probe);

/// One line of the log of changes, to which can only be added.
struct trust_change {
    wall_time at;
    std::optional<trust_state> from;  // none: it became known
    trust_state to{};
    std::string event, actor, reason;  // "isolated", "operator", "..."
};
/// The newest first.
boost::asio::awaitable<result<std::vector<trust_change>>> trust_history(database& database, probe_id probe,
                                                                        std::uint32_t most);

}  // namespace tp::store
