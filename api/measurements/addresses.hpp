#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <vector>

#include "api/errors.hpp"
#include "api/measurements/definitions.hpp"
#include "base/ip_prefix.hpp"
#include "store/measurements.hpp"

namespace tp::api {

struct context;

/// The address of each definition's target; none where there is no target or the probe resolves it. What cannot be used
/// becomes a fault: names without an address, special-purpose space, and for HTTP whatever is no anchor. Errors: those
/// of the store.
boost::asio::awaitable<result<std::vector<std::optional<ip_address>>>> resolve_targets(context& shared,
                                                                                       creation const& wanted,
                                                                                       std::vector<fault>& faults);

/// Why a target may not be measured, or not by more, for whoever wished it.
std::string words_of(store::target_refusal const& why);

/// "/definitions/3/target"
std::string pointer_to_definition(std::size_t index, std::string_view member);

}  // namespace tp::api
