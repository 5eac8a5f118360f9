#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "registry/detect/finding.hpp"
#include "registry/detect/units.hpp"

/// From findings to what should happen to a probe's trust. Proposes only: the state machine and the operator decide.
namespace tp::registry::detect {

/// What may follow from a rule's findings. They are shown in each case but the first.
enum class mode : std::uint8_t {
    off,
    propose,  // an operator is asked to isolate
    isolate,
};

/// How a probe stands, as far as detectors care. Others (revoked, retired, ...) are not to be asked about.
enum class standing : std::uint8_t { active, suspect, isolated, probation };

enum class move : std::uint8_t {
    suspect,    // active -> suspect
    isolate,    // -> isolated
    probation,  // isolated -> probation
    release,    // suspect, probation -> active
};
std::string_view name(move of) noexcept;

using rule_set = std::bitset<rule_count>;

struct policy_settings {
    /// Each rule isolates, but flapping.
    static std::array<mode, rule_count> usual_modes();
    std::array<mode, rule_count> modes = usual_modes();

    /// A grave finding must last so long: time for the guard to see whether others have the same, and, with `peers`,
    /// for an outage to be repaired.
    static std::array<std::chrono::hours, rule_count> usual_patience();
    std::array<std::chrono::hours, rule_count> patience = usual_patience();
    // Windows of 24 h in session without a warning, all of them one after the other. An hour without data neither
    // counts nor breaks the row. After each isolation the last two double, up to `most_windows`.
    unsigned suspect_windows = 1, isolated_windows = 2, probation_windows = 2, most_windows = 16;
};

/// What is remembered of a probe between two hours.
struct history {
    standing now = standing::active;
    struct trouble {
        std::optional<hour_time> warned_since, grave_since;  // of an unbroken row
    };
    std::array<trouble, rule_count> troubles;
    rule_set held_against;  // the rules because of which it is not active: they must be clean before it is again
    rule_set proposed;      // an operator has been asked, and the finding has not gone since
    std::uint32_t clean_hours = 0;
    std::uint32_t isolations = 0;
    std::optional<hour_time> isolated_at;
};

struct proposal {
    move what{};
    bool automatic = true;   // false: an operator is asked
    std::optional<rule> by;  // the worst rule; none for moves that nothing speaks against any more
    std::string why;
};

/// Takes an hour's verdicts into account. To be asked for hours in session only.
void remember(history& of, verdicts const& found, hour_time hour, policy_settings const& settings);

/// The rules that would isolate the probe now, were it not for the guard.
rule_set accusers(history const& of, hour_time hour, policy_settings const& settings);

/// What should happen now. Applies it to `of`, as if it had happened where it is automatic; when the state machine
/// decides otherwise, the caller sets `of.now`.
/// @param held  rules whose accusations wait, because many probes have the same trouble (mass_guard.hpp).
std::vector<proposal> propose(history& of, verdicts const& found, hour_time hour, rule_set held,
                              policy_settings const& settings);

}  // namespace tp::registry::detect
