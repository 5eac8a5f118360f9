#include "probe/update/failures.hpp"

#include <cerrno>

#include "firmware-signing/tuf/refusal.hpp"

namespace tp::update {

firmware::cause cause_of(error_code why) noexcept
{
    using firmware::cause;
    if (why == errc::closed) return cause::none;
    // The tunnel's, about answers that are none: another controller, or the same one later, may have better ones.
    bool const of_answers = why == errc::malformed || why == errc::conflict || why == errc::too_large;
    if (of_answers || why == errc::unavailable || why == errc::not_found) return cause::not_reached;
    if (why == errc::timed_out || why == tuf::refusal::too_slow) return cause::too_slow;
    if (why == tuf::refusal::expired) return cause::expired;
    if (why == tuf::refusal::wrong_spec || why == tuf::refusal::unknown_hash) return cause::other_protocol;
    if (why == tuf::refusal::no_such_target) return cause::no_such_target;
    if (why == tuf::refusal::wrong_length) return cause::wrong_length;
    if (why == tuf::refusal::wrong_hash) return cause::wrong_hash;
    bool const of_disk =
        why.category() == boost::system::system_category() || why.category() == boost::system::generic_category();
    if (!of_disk) return cause::not_believed;
    if (why.value() == ENOMEM) return cause::no_memory;
    return why.value() == ENOSPC || why.value() == EDQUOT ? cause::no_space : cause::disk;
}

bool costs_again(firmware::cause why) noexcept
{
    using firmware::cause;
    return why == cause::wrong_length || why == cause::wrong_hash || why == cause::no_space || why == cause::disk ||
           why == cause::no_memory;
}

}  // namespace tp::update
