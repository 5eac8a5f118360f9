#pragma once

#include <algorithm>

#include "firmware-signing/signer.hpp"
#include "proto/instruction.hpp"
#include "registry/rollout/machine.hpp"
#include "store/director.hpp"

namespace tp::registry {

/// Writes and signs instructions with the director's key. Each is issued after all before it, if only by a microsecond:
/// a probe takes none that is not later than the last one.
class scribe {
public:
    /// So long after its deadline an instruction is still good; then a new one is made.
    static constexpr std::chrono::hours good_for{24};

    explicit scribe(signing::private_key key);

    /// From here on all is issued later than this.
    void follow(wall_time issued) noexcept { last_ = std::max(last_, issued); }
    /// The instruction for a member, who is changed to have been sent it. Errors: errc::unavailable when the libraries
    /// fail; errc::malformed when the target cannot be said.
    result<store::kept_instruction> instruct(rollout::member& one, rollout::target const& wanted,
                                             rollout::definition const& what, store::rollout_id of, wall_time now);
    /// Takes it back, for a member who is changed by take_back(). Errors: as above.
    result<store::kept_instruction> withdraw(rollout::member& one, store::rollout_id of, wall_time now);

private:
    result<proto::instruction> begin(rollout::member const& one, store::rollout_id of, wall_time now);
    result<store::kept_instruction> sign(proto::instruction const& what) const;

    signing::private_key key_;
    std::string shared_;  // 32 octets
    wall_time last_;      // issued
};

}  // namespace tp::registry
