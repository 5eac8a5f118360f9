#include "registry/admission.hpp"

#include <algorithm>

namespace tp::registry {
namespace {

using std::chrono::milliseconds;

proto::refuse too_many(std::string what, milliseconds until)
{
    auto const retry = std::min(std::chrono::ceil<std::chrono::seconds>(until), admission::longest_retry);
    return {proto::refusal::too_many_attempts, std::move(what), retry};
}

}  // namespace

reception reception_of(store::trust_state state, bool by_hand) noexcept
{
    switch (state) {
        case store::trust_state::preauthorised:
            return reception::claim_first;
        case store::trust_state::pending:
            return by_hand ? reception::wait_for_operator : reception::admit;
        case store::trust_state::active:
        case store::trust_state::suspect:
        case store::trust_state::isolated:  // keeps its tunnel
        case store::trust_state::probation:
            return reception::place;
        case store::trust_state::revoked:
        case store::trust_state::retired:
            break;
    }
    return reception::turn_away;
}

std::optional<proto::refuse> admission::may_claim(ip_address const& source, steady_time now)
{
    auto const until = claims_.take(source, now);
    if (!until) return std::nullopt;
    return too_many("too many claim codes were tried from this address; wait before trying again", *until);
}

proto::refuse admission::unknown_key(ip_address const& source, std::string const& fingerprint, steady_time now)
{
    if (auto const until = unknown_keys_.take(source, now)) {
        return too_many("too many unknown keys from this address; wait before trying again",
                        std::max<milliseconds>(*until, unknown_retry));
    }
    return {proto::refusal::unknown_key,
            "nobody has announced the key " + fingerprint +
                "; add its public key to your account, or start the probe with a claim code",
            unknown_retry};
}

proto::refuse admission::bad_claim_code()
{
    return {proto::refusal::bad_claim_code, "the claim code is unknown, expired, or was used for another probe",
            bad_claim_retry};
}

proto::refuse admission::replaced_key()
{
    return {proto::refusal::unknown_key, "the probe of this key has another key now, and this one is not taken again",
            unknown_retry};
}

proto::refuse admission::turned_away(store::trust_state state)
{
    return {proto::refusal::revoked, "this probe was " + std::string(name_of(state)) + "; its host can see why",
            revoked_retry};
}

proto::refuse admission::unclaimed()
{
    return {proto::refusal::unknown_key, "this device waits for its host: start it with a claim code", unclaimed_retry};
}

proto::refuse admission::version(proto::version_range theirs)
{
    auto const range = [](proto::version_range versions) {
        return std::to_string(versions.lowest) + " to " + std::to_string(versions.highest);
    };
    return {proto::refusal::version,
            "no common protocol version: you speak " + range(theirs) + ", this registry " + range(proto::our_versions),
            version_retry};
}

proto::refuse admission::malformed(std::string what)
{
    return {proto::refusal::malformed, std::move(what), malformed_retry};
}

}  // namespace tp::registry
