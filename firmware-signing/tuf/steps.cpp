#include "firmware-signing/tuf/steps.hpp"

#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf {

result<std::string> within_limit(step const& asked, result<std::string> outcome)
{
    auto const* const wanted = std::get_if<download>(&asked);
    if (wanted && outcome && outcome->size() > wanted->most) return refusal::too_large;
    return outcome;
}

}  // namespace tp::tuf
