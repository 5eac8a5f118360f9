#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "probe/firmware/cause.hpp"

namespace tp::update {

/// How far an update has come.
enum class phase : std::uint8_t { idle, refreshing, downloading, downloaded, installing, handing_over };
std::string_view name_of(phase is) noexcept;
std::optional<phase> phase_of(std::string_view name) noexcept;

/// In LwM2M's words. @param why  why it does not go on; none: nothing is known against it.
firmware::update_state state_of(phase is) noexcept;
firmware::update_result result_so_far(firmware::cause why) noexcept;

/// Whether trying again may help: the network, a disk, a repository that is only half there. Everything else is the
/// last word about an instruction.
bool may_pass(firmware::cause why) noexcept;

/// Whether the platform is to be told that the last round of work looks like an attack, also one that only refreshed.
/// @param before  what it was told of earlier rounds.
/// @param why     what this one failed with; none: with nothing.
/// @param well    it came to its end. What neither did nor has a cause, as a session that ended, tells nothing.
bool is_suspicious(bool before, firmware::cause why, bool well) noexcept;

/// What becomes of one instruction, and what the platform is told of it. It has no I/O and no clock.
class progress {
public:
    /// What may pass is told from this failure in a row on: a session that ends is no failed update.
    static constexpr unsigned patience = 3;

    /// Begins anew with an instruction. @param release  none is to be installed: 0.
    void follow(std::string nonce, std::uint64_t release);
    /// Goes one step on, or back to `idle` when an update stops without a reason that somebody should hear of.
    /// False: there is no such step from here, and nothing has changed.
    bool reach(phase next) noexcept;
    /// It stops here. False: the instruction is over, and not to be tried again.
    bool fail(firmware::cause why) noexcept;
    /// The cause of an update that failed after it was handed over, as the slots know it.
    void found_failed(firmware::cause why) noexcept;

    phase at() const noexcept { return at_; }
    bool over() const noexcept { return over_; }
    /// Why the instruction was not carried out, as far as that is to be told.
    firmware::cause why() const noexcept { return why_; }
    std::string const& nonce() const noexcept { return nonce_; }
    std::uint64_t release() const noexcept { return release_; }
    firmware::update_state state() const noexcept { return state_of(at_); }
    firmware::update_result result() const noexcept { return result_so_far(why_); }

private:
    std::string nonce_;
    std::uint64_t release_ = 0;
    phase at_ = phase::idle;
    firmware::cause why_ = firmware::cause::none;
    unsigned failures_ = 0;  // in a row
    bool over_ = false;
};

}  // namespace tp::update
