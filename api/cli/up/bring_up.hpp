#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "api/cli/up/children.hpp"
#include "api/cli/up/up_plan.hpp"

namespace tp::cli {

/// Stages in which programs start; they end the other way round.
enum stage : unsigned { stage_postgres, stage_registry, stage_controllers, stage_api };

/// PostgreSQL, schema, first administrator, then everything else; returns once all of it serves.
/// What goes wrong is logged here. Errors: those of the steps; errc::timed_out.
boost::asio::awaitable<result<void>> bring_up(boost::asio::io_context& io, children& programs, up_plan const& plan);

}  // namespace tp::cli
