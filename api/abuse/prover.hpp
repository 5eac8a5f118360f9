#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/abuse/claim.hpp"
#include "base/rate_limiter.hpp"

namespace tp::api {

class resolver;

/// How the API looks for proofs.
struct abuse_ways {
    std::uint16_t http_port = 80;  // another one is for a laboratory
    bool allow_special = false;    // as limits.allow_special_targets
};

/// What claims cost us, bounded by the address that asks.
struct abuse_desk {
    abuse_ways ways;
    rate_limiter claims{{10, std::chrono::minutes{6}}};
    rate_limiter proofs{{20, std::chrono::minutes{1}}};
};

struct proof_search {
    std::optional<store::abuse_proof> found;
    std::vector<std::string> tried;  // a line for each way, and what was there
};

/// Looks where the holder may have put the token: fetches it from the target (5 s, 8 KiB, nothing is followed), and
/// asks for the TXT record (10 s).
boost::asio::awaitable<proof_search> look_for_proof(resolver& names, abuse_ways ways, abuse_target target,
                                                    std::string token);

}  // namespace tp::api
