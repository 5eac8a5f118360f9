#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <vector>

#include "api/errors.hpp"
#include "api/measurements/definitions.hpp"
#include "base/ip_prefix.hpp"

namespace tp::api {

struct context;

/// The address of each definition's target; none where there is no target or the probe resolves it. What cannot be used
/// becomes a fault: names without an address, special-purpose space, and for HTTP whatever is no anchor. Errors: those
/// of the store.
boost::asio::awaitable<result<std::vector<std::optional<ip_address>>>> resolve_targets(context& shared,
                                                                                       creation const& wanted,
                                                                                       std::vector<fault>& faults);

/// "/definitions/3/target"
std::string pointer_to_definition(std::size_t index, std::string_view member);

}  // namespace tp::api
