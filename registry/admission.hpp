#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/ip_prefix.hpp"
#include "base/rate_limiter.hpp"
#include "base/time.hpp"
#include "proto/messages.hpp"
#include "store/trust.hpp"

namespace tp::registry {

/// What the registry does with a probe that it knows and that has just proved its key.
enum class reception { place, admit, wait_for_operator, claim_first, turn_away };
/// @param by_hand  an operator admits new probes.
reception reception_of(store::trust_state state, bool by_hand) noexcept;

/// What may be tried from one address, and what is answered to those who are not known. Decides only; counts nothing
/// but attempts.
class admission {
public:
    struct limits {
        allowance claims{10, std::chrono::minutes{1}};
        allowance unknown_keys{60, std::chrono::seconds{10}};
    };
    static constexpr std::chrono::seconds unknown_retry{60};     // somebody may be about to add the key
    static constexpr std::chrono::seconds bad_claim_retry{300};  // only a person can change it
    static constexpr std::chrono::seconds revoked_retry{std::chrono::hours{24}};
    static constexpr std::chrono::seconds unclaimed_retry{60};
    static constexpr std::chrono::seconds approval_wait{60};  // between two looks whether an operator has admitted it
    static constexpr std::chrono::seconds frozen_wait{900};   // between two looks whether its batch was thawed
    static constexpr std::chrono::seconds version_retry{std::chrono::hours{1}};
    static constexpr std::chrono::seconds malformed_retry{600};
    static constexpr std::chrono::seconds longest_retry{std::chrono::hours{1}};  // for too many attempts

    explicit admission(limits allowed) : claims_(allowed.claims), unknown_keys_(allowed.unknown_keys) {}

    /// To be asked before a claim code is looked at. A refusal means: do not look at it.
    std::optional<proto::refuse> may_claim(ip_address const& source, steady_time now);
    /// What is said to a key that nobody announced; `fingerprint` helps its host to find out which.
    proto::refuse unknown_key(ip_address const& source, std::string const& fingerprint, steady_time now);

    static proto::refuse bad_claim_code();
    /// For a key that its probe has replaced.
    static proto::refuse replaced_key();
    /// For one that was revoked or retired.
    static proto::refuse turned_away(store::trust_state state);
    /// For a key of a factory list without a claim code.
    static proto::refuse unclaimed();
    static proto::refuse version(proto::version_range theirs);
    static proto::refuse malformed(std::string what);

private:
    rate_limiter claims_;
    rate_limiter unknown_keys_;
};

}  // namespace tp::registry
