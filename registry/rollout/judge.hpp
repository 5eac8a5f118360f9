#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "registry/rollout/member.hpp"

namespace tp::registry::rollout {

/// How many are how far.
struct tally {
    std::uint32_t planned = 0, sent = 0, begun = 0, back = 0, done = 0, failed = 0, silent = 0, excused = 0,
                  withdrawn = 0;
    std::uint32_t unheard = 0;    // of `failed`: their trial ended without a word of them, as an absence lets it end
    std::uint32_t dark = 0;       // of `silent`: where others that have nothing to do with the update are gone, too
    std::uint32_t away = 0;       // of `begun`: not connected, as a mute release leaves them
    std::uint32_t reachable = 0;  // of `sent`: connected, and not told so long ago that nothing will come of it

    std::uint32_t touched() const noexcept { return begun + back + done + failed + silent; }
    std::uint32_t quiet() const noexcept { return silent - dark + unheard; }
    std::uint32_t bad() const noexcept { return failed - unheard + quiet(); }
    bool operator==(tally const&) const = default;
};

/// Who went away without having been updated just now: how often that happens by itself, and where more is gone than
/// by chance.
class absences {
public:
    /// In an AS or country with so many others an outage is told by the share of them that went away.
    static constexpr std::uint32_t least_others = 5;
    static constexpr share outage = 2'000;

    absences(std::span<member const> all, definition const& what, wall_time now);

    /// The share of all others that went away within the time in which an updated probe has to be back.
    share usual() const noexcept { return usual_; }
    /// Around this probe there is an outage.
    bool dark(member const& one) const;

private:
    std::vector<std::uint32_t> dark_networks_;  // sorted
    std::vector<std::string> dark_countries_;   // likewise
    share usual_ = 0;
};

tally count(std::span<member const> all, absences const& gone, definition const& what, wall_time now);

/// Why these halt a rollout; empty if they do not.
std::string reason_to_halt(tally const& seen, share usually_absent, limits const& at);
/// How many more of a wave may be told at this moment. A hundredth of the fleet may always be told. Then all, once
/// those told speak against a release that breaks a twentieth. Until then, and since who succeeds says so sooner than
/// who fails: forced, so many that they almost double those that have ended, each time when what became of all before
/// is known; lazily, where some are told for days before they begin, so many that few have not ended, and none while
/// one that has begun is away. Whoever is under way counts as if he had failed.
std::uint32_t room(tally const& seen, std::size_t fleet, mode how);

/// Why a wave that ended is not to be followed by another; empty if it may be.
std::string reason_to_stop_after(tally const& seen, limits const& at);

/// "31 of 1,200": for people.
std::string shown(std::uint32_t part, std::uint32_t of, std::string_view what);

}  // namespace tp::registry::rollout
