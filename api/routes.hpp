#pragma once

#include <span>

#include "api/endpoint.hpp"
#include "api/http/router.hpp"

namespace tp::api {

/// Paths below /api/v2/, and the endpoint of each: same length, same order.
std::span<http::pattern const> patterns() noexcept;
std::span<endpoint const> endpoints() noexcept;

}  // namespace tp::api
