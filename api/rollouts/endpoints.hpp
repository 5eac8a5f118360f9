#pragma once

#include <string>

#include "api/endpoint.hpp"
#include "store/rollouts.hpp"

namespace tp::api {

/// {"mode": "lazy" or "forced", "targets": ["sw-x86_64/stable/..."], and what is to be other than usual: "waves",
/// "lab", "soak", "back_within", "deadline" (seconds), "failed", "silent", "success", "rate_lost", "round_trip" (per
/// cent), "few_failed", "few_silent", "seed", "reason"}.
struct rollout_request {
    store::rollout_wish wanted;
    std::vector<std::string> targets;
};
checked<rollout_request> parse_rollout_request(std::string const& body);
/// {"reason": "..."}; for approval and resuming without. Answers the reason.
checked<std::string> parse_steering(std::string const& body, bool needs_reason);

boost::asio::awaitable<http::response> list_rollouts(context& shared, call given);
boost::asio::awaitable<http::response> create_rollout(context& shared, call given);
boost::asio::awaitable<http::response> get_rollout(context& shared, call given);
boost::asio::awaitable<http::response> approve_rollout(context& shared, call given);
boost::asio::awaitable<http::response> pause_rollout(context& shared, call given);
boost::asio::awaitable<http::response> resume_rollout(context& shared, call given);
boost::asio::awaitable<http::response> halt_rollout(context& shared, call given);

}  // namespace tp::api
