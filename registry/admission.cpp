#include "registry/admission.hpp"

#include <algorithm>

namespace tp::registry {
namespace {

using std::chrono::milliseconds;

constexpr unsigned host_prefix_v6 = 64;  // bits

std::string source_of(ip_address const& address)
{
    if (address.is_v4()) return address.to_string();
    auto const v6 = address.to_v6();
    if (v6.is_v4_mapped()) return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
    return ip_prefix::around(address, host_prefix_v6)->text();
}

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

rate_limiter::bucket& rate_limiter::of(std::string source, steady_time now)
{
    if (auto const found = by_source_.find(source); found != by_source_.end()) {
        buckets_.splice(buckets_.end(), buckets_, found->second);
        return *found->second;
    }
    if (by_source_.size() >= most_) {
        by_source_.erase(buckets_.front().source);
        buckets_.pop_front();
    }
    buckets_.push_back({source, allowed_.burst * allowed_.refill.count(), now});
    by_source_.emplace(std::move(source), std::prev(buckets_.end()));
    return buckets_.back();
}

std::optional<milliseconds> rate_limiter::take(ip_address const& source, steady_time now)
{
    auto& own = of(source_of(source), now);
    auto const one = allowed_.refill.count();
    auto const passed = std::chrono::duration_cast<milliseconds>(now - own.filled);
    own.filled += passed;  // not `now`: the rest of a millisecond is kept
    own.level = std::min<std::int64_t>(own.level + passed.count(), allowed_.burst * one);
    if (own.level < one) return milliseconds(one - own.level);
    own.level -= one;
    return std::nullopt;
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
