#include "probe/firmware/cause.hpp"

#include <array>

#include "proto/version_report.hpp"

namespace tp::firmware {
namespace {

struct row {
    cause is;
    std::string_view name, meaning;
    update_result result;
};

using enum update_result;
constexpr std::array rows{
    row{cause::none, "none", "all is well", succeeded},
    row{cause::not_reached, proto::version_report::failure::not_reached, "nobody had the files that are needed",
        connection_lost},
    row{cause::too_slow, proto::version_report::failure::too_slow, "it came too slowly", connection_lost},
    row{cause::not_believed, "not-believed", "what was signed about it cannot be trusted", integrity_failed},
    row{cause::expired, proto::version_report::failure::expired,
        "what was signed about it has expired: nobody signs it anew, or newer files are held back", integrity_failed},
    // Object 5 means the protocol by which a package is fetched: here TUF, in a major version that is not ours, or with
    // hashes of unknown kinds. Keys of unknown schemes count for nobody: that is too few signatures.
    row{cause::other_protocol, "other-protocol", "it is signed in a form that only later programs know",
        unsupported_protocol},
    row{cause::no_such_target, "no-such-target", "offline keys signed no target of this name", invalid_uri},
    row{cause::no_firmware, "no-firmware", "what offline keys signed under this name is no program",
        unsupported_package},
    row{cause::other_target, "other-target", "offline keys signed something else than the director wants",
        integrity_failed},
    row{cause::wrong_model, "wrong-model", "it is made for another model", unsupported_package},
    row{cause::wrong_revision, "wrong-revision", "it is made for other hardware revisions", unsupported_package},
    row{cause::older_than_known, "older-than-known", "a higher release was committed here before", failed},
    row{cause::other_content, "other-content", "it has the release that runs here, with other content", failed},
    row{cause::below_floor, "below-floor", "so low a release may not run any more", failed},
    row{cause::below_own_floor, "below-own-floor", "it contradicts itself: its floor is above its release", failed},
    row{cause::too_far, "too-far", "what runs here is too old for it: a release in between has to come first", failed},
    row{cause::failed_before, "failed-before", "this release was tried here and failed", failed},
    row{cause::trial_under_way, "trial-under-way", "what runs here is still on trial", failed},
    row{cause::too_large, "too-large", "it is larger than a slot is to hold", not_enough_storage},
    row{cause::wrong_length, "wrong-length", "it has another length than was signed", integrity_failed},
    row{cause::wrong_hash, "wrong-hash", "it has another content than was signed", integrity_failed},
    row{cause::no_space, "no-space", "the disk is full", not_enough_storage},
    row{cause::disk, "disk", "the disk cannot be written or read", failed},
    row{cause::no_memory, "no-memory", "there was no memory for it", out_of_memory},
    row{cause::damaged, "damaged", "what is on the disk is not what was installed", integrity_failed},
    row{cause::not_started, "not-started", "the kernel would not run it", failed},
    row{cause::ended, "ended", "it ended before it was committed, at every try", failed},
    row{cause::not_committed, proto::version_report::failure::not_committed, "it was not committed in time", failed},
};

row const& row_of(cause why) noexcept
{
    return rows[static_cast<std::size_t>(why)];
}

constexpr bool in_order()
{
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (static_cast<std::size_t>(rows[i].is) != i) return false;
    return true;
}
static_assert(in_order());

}  // namespace

std::string_view name_of(cause why) noexcept
{
    return row_of(why).name;
}

std::string_view meaning_of(cause why) noexcept
{
    return row_of(why).meaning;
}

update_result result_of(cause why) noexcept
{
    return row_of(why).result;
}

bool looks_like_attack(cause why) noexcept
{
    switch (why) {
        case cause::not_believed:  // bad signatures, and metadata that was rolled back
        case cause::expired:       // a freeze
        case cause::other_target:  // the director's key says something else than the offline keys
        case cause::older_than_known:
        case cause::other_content:
        case cause::below_floor:
        case cause::wrong_length:
        case cause::wrong_hash:
            return true;
        default:
            return false;
    }
}

std::optional<cause> cause_of(std::string_view name) noexcept
{
    for (auto const& one : rows)
        if (one.name == name) return one.is;
    return std::nullopt;
}

}  // namespace tp::firmware
