#include <cstdint>
#include <cstdlib>
#include <string>

#include "api/abuse/claim.hpp"
#include "api/controllers/endpoints.hpp"
#include "api/factory/endpoints.hpp"
#include "api/hosting/requests.hpp"
#include "api/keys/requests.hpp"
#include "api/probes/object.hpp"
#include "api/probes/trust.hpp"

// Bodies that make or change probes, keys, accounts and claim codes.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string const body(reinterpret_cast<char const*>(data), size);
    auto const now = tp::from_unix_seconds(1'700'000'000);
    tp::api::parse_new_probe(body);
    auto const change = tp::api::parse_probe_change(body);
    if (change && change->latitude.has_value() != change->longitude.has_value()) std::abort();
    if (change && change->user_tags) {
        for (auto const& tag : *change->user_tags) {
            if (tag.empty() || tag.starts_with("system")) std::abort();
        }
    }
    auto const claim = tp::api::parse_claim(body);
    if (claim && (claim->lifetime < std::chrono::seconds(1) || claim->lifetime > tp::api::longest_claim)) std::abort();
    tp::api::parse_code_request(body);
    tp::api::parse_consent(body);
    auto const offer = tp::api::parse_offer(body);
    if (offer && (*offer < std::chrono::seconds(1) || *offer > tp::api::longest_offer)) std::abort();
    auto const freeze = tp::api::parse_freeze_request(body);
    if (freeze && freeze->to != tp::store::batch_state::thawed && freeze->reason.empty()) std::abort();
    tp::api::parse_account_request(body);
    auto const drain = tp::api::parse_drain_request(body);
    if (drain && drain->drained && drain->reason.empty()) std::abort();
    auto const trust = tp::api::parse_trust_request(body);
    if (trust && (trust->reason.empty() || trust->reason.size() > tp::api::longest_reason)) std::abort();

    auto const abuse = tp::api::parse_abuse_claim(body, false);
    if (abuse && (abuse->contact.empty() || abuse->target.prefix.has_value() != abuse->target.name.empty()))
        std::abort();
    if (abuse && tp::api::proof_record(abuse->target).size() > 300) std::abort();
    auto const verdict = tp::api::parse_abuse_verdict(body);
    if (verdict && verdict->reason.empty()) std::abort();
    tp::api::parse_abuse_token(body);

    auto const wanted = tp::api::parse_key_request(body, now);
    if (!wanted) return 0;
    tp::store::credential const asking{"", tp::account_id::from(1).value(), "", tp::store::role::user, {"probes.add"}};
    auto const end = now + std::chrono::hours(1);
    auto const made = tp::api::within_key(*wanted, asking, end);
    if (!made) return 0;
    for (auto const& scope : made->scopes) {
        if (scope != "probes.add") std::abort();
    }
    if (!made->valid_to || *made->valid_to > end) std::abort();
    return 0;
}
