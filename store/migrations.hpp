#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.hpp"
#include "store/database.hpp"

namespace tp::store {

/// Brings the schema up to the newest of the numbered migrations in store/migrations/ (compiled in), each in a
/// transaction of its own, under one advisory lock, so that several starters do not collide. Makes the roles
/// tp_registry, tp_controller and tp_api if they are missing. `database` must log in as the owner. Errors:
/// errc::unsupported when the schema is newer than this build; those of the database.
boost::asio::awaitable<result<void>> migrate(database& database);

}  // namespace tp::store
