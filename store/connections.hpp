#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "store/database.hpp"

/// The connection log: every session of a probe, where it was, from where, and why it ended.
namespace tp::store {

struct connection_record {
    std::int64_t number = 0;
    std::string controller;  // its name; empty if it is not known any more
    ip_address address;
    std::optional<std::uint32_t> asn;  // of the address, once a registry has looked it up
    std::optional<ip_prefix> prefix;
    wall_time opened;
    std::optional<wall_time> closed;  // none: it is open
    std::string reason;               // why it was closed
    bool by_platform = false;         // we closed it
};
struct connection_page {
    std::uint64_t count = 0;
    std::vector<connection_record> rows;
};
/// The newest first.
boost::asio::awaitable<result<connection_page>> connections_of(database& database, probe_id probe, std::uint32_t offset,
                                                               std::uint32_t limit);

// ---- for the registry, which knows where addresses lie

struct unlocated_session {
    std::int64_t number = 0;
    ip_address address;
};
/// The oldest of those that nobody has looked up.
boost::asio::awaitable<result<std::vector<unlocated_session>>> unlocated_sessions(database& database,
                                                                                  std::uint32_t most);
struct located_session {
    std::int64_t number = 0;
    std::optional<std::uint32_t> asn;
    std::optional<ip_prefix> prefix;
    std::string country{};  // ISO 3166 alpha-2, or empty
};
boost::asio::awaitable<result<void>> locate_sessions(database& database, std::vector<located_session> found);

}  // namespace tp::store
