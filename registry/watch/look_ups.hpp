#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.hpp"
#include "proto/job.hpp"
#include "proto/report.hpp"
#include "registry/watch/dns_answer.hpp"
#include "store/look_ups.hpp"
#include "store/measurements.hpp"
#include "store/result_store.hpp"

/// A name whose addresses an operator knows: what probes are to ask their resolvers, and what an answer says of these.
/// The system tags "system-resolves-a-correctly" and the like come from it. No I/O.
namespace tp::registry {

/// The table [look_ups].
struct look_up_settings {
    static constexpr std::chrono::seconds shortest_period{1}, longest_period{std::chrono::hours{24}};
    static constexpr std::size_t most_addresses = 8;  // of a family: they are asked for without EDNS, in 512 octets

    std::string name;                 // empty: nothing is looked up
    std::vector<ip_address> a, aaaa;  // all that it has; where there are none, that record is not asked for
    std::chrono::seconds every{std::chrono::hours{4}};

    std::vector<ip_address> const& right(address_record of) const noexcept
    {
        return of == address_record::a ? a : aaaa;
    }
};

look_up_settings read_look_up_settings(settings& from);
/// Its keys as lines of TOML with dotted names; nothing without a name.
std::string look_ups_text(look_up_settings const& chosen);

/// As in the store: "a", "aaaa".
std::string_view word_for(address_record of) noexcept;

/// The name as it is asked for: every other letter is a capital. A resolver has to give it back as it is.
std::string in_mixed_case(std::string_view name);

/// One question to all resolvers of a probe. Over IPv6 it is put to probes that have no IPv4: each is asked once.
struct look_up {
    address_record record{};
    proto::family af{};
    bool operator==(look_up const&) const = default;
};
/// Those that are to be asked.
std::vector<look_up> look_ups_of(look_up_settings const& chosen);

/// Asked of its participants once a period, each at a moment of its own, without an end.
store::new_measurement standing_look_up(look_up_settings const& chosen, look_up what, account_id owner, wall_time now);
/// Asked once within so much from now on, each probe at a moment of its own.
store::new_measurement first_look_up(look_up_settings const& chosen, look_up what, account_id owner, wall_time now,
                                     std::chrono::seconds within);

/// What becomes of the standing measurements when this is wanted.
struct look_up_plan {
    std::vector<std::optional<measurement_id>> kept;  // one for each of look_ups_of(); none: it has to be made
    std::vector<measurement_id> to_stop;              // of another name or period, or one too many
};
look_up_plan plan_look_ups(look_up_settings const& chosen, std::vector<store::look_up_job> const& standing);

enum class resolver_said { correct, incorrect, denied, unanswered };  // "denied": there is no such record
/// As in the store.
std::string_view word_for(resolver_said what) noexcept;

struct look_up_verdict {
    resolver_said said{};
    bool mangles_case = false;  // the question came back in other letters
    bool operator==(look_up_verdict const&) const = default;
};
/// Of all resolvers that were asked: incorrect if one has another address, or has none where another one is right; else
/// correct if one is right. None if it says nothing about them: the probe did not ask, has no resolver, or the
/// answer is not all there.
/// @param asked  the name as it was asked for.
/// @param right  of the type of the record.
std::optional<look_up_verdict> judge_look_up(proto::report const& told, std::string_view asked, address_record record,
                                             std::vector<ip_address> const& right);

/// What a result says, by what is right today. None also for a result of a name that was configured earlier.
std::optional<store::look_up_finding> finding_of(look_up_settings const& chosen, store::look_up_job const& asked,
                                                 store::result_row const& row);

}  // namespace tp::registry
