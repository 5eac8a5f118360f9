#pragma once

#include "proto/messages.hpp"

namespace tp::proto {

/// Whether this is said to those whose key is nobody's, or who were not asked for it.
constexpr bool is_for_strangers(refusal code) noexcept
{
    switch (code) {
        case refusal::revoked:
        case refusal::not_placed_here:
        case refusal::replaced:
            return false;
        case refusal::unknown_key:
        case refusal::bad_claim_code:
        case refusal::version:
        case refusal::malformed:
        case refusal::too_many_attempts:
            break;
    }
    return true;
}

/// Whether an answer to a hello says that we do not know who it is. Who is told to wait has done nothing wrong.
template <class Answer>
bool is_for_strangers(Answer const& said) noexcept
{
    auto const* const refused = std::get_if<refuse>(&said);
    return refused != nullptr && is_for_strangers(refused->code);
}

}  // namespace tp::proto
