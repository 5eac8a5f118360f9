#pragma once

#include <string>
#include <vector>

#include "store/pool.hpp"
#include "store/rollouts.hpp"

/// For this folder only: rollouts as rows.
namespace tp::store {

/// Accounts are the API's alone: others see the numbers of those who approved.
enum class approvers { by_address, by_number };

/// Rows of `rollout r`, each with its targets. Errors: as database; errc::malformed.
boost::asio::awaitable<result<std::vector<rollout_record>>> rollouts_where(database& database, approvers named,
                                                                           std::string condition, parameters values);

}  // namespace tp::store
