#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "probe/firmware/cause.hpp"

/// What is remembered of the two slots. Every change of it is here, and none of it has I/O.
namespace tp::firmware {

enum class slot : std::uint8_t { a, b };
inline constexpr std::array both_slots{slot::a, slot::b};
constexpr slot other(slot than) noexcept
{
    return than == slot::a ? slot::b : slot::a;
}
constexpr char letter_of(slot which) noexcept
{
    return which == slot::a ? 'a' : 'b';
}

enum class standing : std::uint8_t {
    empty,      // nothing that could be run
    ready,      // installed, or on trial
    committed,  // it has shown that it works
    failed,     // it was tried, and did not
};

struct slot_record {
    standing is = standing::empty;
    std::uint64_t release = 0;  // 0: empty
    unsigned tries = 0;         // starts since it was installed; counted until it is committed
    bool operator==(slot_record const&) const = default;
};

/// What became of an update that did not succeed.
struct failure {
    std::uint64_t release = 0;
    cause why = cause::none;
    bool operator==(failure const&) const = default;
};

struct slot_state {
    static constexpr unsigned highest_tries = 1'000;

    std::uint64_t generation = 0;  // how often it was written
    std::uint64_t floor = 0;       // the lowest release that may run: only rises
    std::uint64_t highest = 0;     // release that was ever committed: only rises
    std::array<slot_record, 2> slots;
    std::optional<failure> last_failure;

    bool operator==(slot_state const&) const = default;
    slot_record& of(slot which) noexcept { return slots[static_cast<std::size_t>(which)]; }
    slot_record const& of(slot which) const noexcept { return slots[static_cast<std::size_t>(which)]; }

    /// The slot's content is about to be taken away.
    void clear(slot which) noexcept { of(which) = {}; }
    /// A release lies in the slot, whole and verified, and is to be tried.
    void install(slot which, std::uint64_t release) noexcept { of(which) = {standing::ready, release, 0}; }
    /// A start of it is about to be made.
    void count_try(slot which) noexcept { ++of(which).tries; }
    /// It has not shown that it works.
    void fail(slot which, cause why) noexcept;
    /// It works. @param its_floor  what its manifest says.
    void commit(slot which, std::uint64_t its_floor) noexcept;

    std::string text() const;
    /// Errors: errc::malformed.
    static result<slot_state> parse(std::string_view octets);
};

/// "a-17": the folder of a release in a slot, and what the pointer names.
std::string folder_of(slot which, std::uint64_t release);
struct slot_folder {
    slot which;
    std::uint64_t release;
};
std::optional<slot_folder> parse_folder(std::string_view name) noexcept;

std::string_view name_of(standing is) noexcept;

}  // namespace tp::firmware
