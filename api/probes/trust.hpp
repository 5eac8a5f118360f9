#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "api/endpoint.hpp"
#include "store/findings.hpp"
#include "store/probes.hpp"
#include "store/trust.hpp"

/// Whom the platform trusts and why, as its host and its operators read it; and the operators' word.
namespace tp::api {

/// GET probes/{id}/explain/
boost::asio::awaitable<http::response> explain_probe(context& shared, call given);
/// GET probes/{id}/connections/
boost::asio::awaitable<http::response> list_connections(context& shared, call given);
/// POST probes/{id}/trust/
boost::asio::awaitable<http::response> change_trust(context& shared, call given);
/// DELETE probes/{id}/: the same as {"to": "revoked"}.
boost::asio::awaitable<http::response> revoke_probe(context& shared, call given);

inline constexpr std::size_t longest_reason = 1'000;  // octets

/// POST probes/{id}/key-rotation/, by its host or an operator: the probe is asked for a new key.
boost::asio::awaitable<http::response> rotate_key(context& shared, call given);

/// What a person asks for.
struct trust_request {
    store::trust_event event{};
    std::string reason;
};
/// {"to": "isolated" | "active" | "probation" | "revoked" | "retired" | "written_off" | "pending", "reason": "..."}.
checked<trust_request> parse_trust_request(std::string const& body);

/// What a state means for the probe and its results, in a sentence or two.
std::string_view meaning_of(store::trust_record const& now) noexcept;

boost::json::object explanation(store::probe_record const& probe, store::trust_record const& now,
                                std::vector<store::trust_change> const& history,
                                std::vector<store::finding_record> const& findings);

}  // namespace tp::api
