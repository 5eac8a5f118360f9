#pragma once

#include "store/pool.hpp"

/// For this folder only: who changes the repository.
namespace tp::store {

/// One at a time does, until the end of its transaction: what is judged meanwhile stays so until the commit.
inline boost::asio::awaitable<result<rows>> lock_repository(connection& link)
{
    return link.run("select pg_advisory_xact_lock(7441004)");
}

}  // namespace tp::store
