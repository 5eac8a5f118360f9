#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "registry/rollout/definition.hpp"

namespace tp::registry::rollout {

/// How far one probe is.
enum class stage {
    planned,    // its wave has not come
    sent,       // it has an instruction, or will have at its next session
    begun,      // it fetches or installs
    back,       // it is on trial, and has reported from there
    done,       // it has committed
    failed,     // it went back to what it ran, or could not install
    silent,     // it began, and was not heard again in time
    excused,    // it says nothing about the release: it did not begin, or has a newer one
    withdrawn,  // the rollout was halted before it was through
};
inline constexpr stage every_stage[] = {stage::planned, stage::sent,   stage::begun,   stage::back,     stage::done,
                                        stage::failed,  stage::silent, stage::excused, stage::withdrawn};
std::string_view name_of(stage is) noexcept;
std::optional<stage> stage_named(std::string_view name) noexcept;

/// What a probe's newest version report says.
struct report {
    std::string model;
    std::uint64_t release = 0;         // 0: it does not run from a slot
    unsigned standing = 0;             // of its slot: 1 on trial, 2 committed, 3 failed, and there is nothing else
    unsigned state = 0, result = 0;    // LwM2M, object 5, resources 3 and 5
    std::uint64_t failed_release = 0;  // 0: none
    std::string cause;
    std::string nonce;  // of the instruction that state and result are about; may be empty
    wall_time at;
    bool operator==(report const&) const = default;
};

struct member {
    probe_id probe;
    std::string model;
    std::string country = {};
    std::optional<std::uint32_t> asn = {};
    std::uint32_t wave = 0;
    stage is = stage::planned;
    wall_time since = {};    // of this stage
    std::string nonce = {};  // of its instruction
    wall_time expires = {};  // of it
    std::string cause = {};  // why it failed

    // As it is now.
    bool told_by_other = false;  // another rollout's instruction has taken the place of its own
    bool connected = false;
    wall_time status_since = {};
    std::optional<report> said = {};
};

/// It has started what it was told: from here on it can be broken.
constexpr bool is_touched(stage is) noexcept
{
    return is == stage::begun || is == stage::back || is == stage::done || is == stage::failed || is == stage::silent;
}

/// Its instruction was taken back. Who has ended keeps its stage, and so the account of what happened.
void take_back(member& one, wall_time now) noexcept;

/// Where it stands by what is known of it now.
member looked_at(member one, target const& wanted, definition const& what, wall_time now);

}  // namespace tp::registry::rollout
