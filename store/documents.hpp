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

/// Signed documents on their way to the probes, and the list of anchors that one of them holds.
namespace tp::store {

using anchor_id = strong_id<struct anchor_kind>;

/// Octets as they were signed. Nobody here judges them: the probe does.
struct signed_octets {
    std::string name;  // "anchors"
    std::uint64_t version = 0;
    wall_time expires;
    std::string octets;
};

/// What a list says about an anchor.
struct anchor_entry {
    std::string name;  // host name, lower case
    std::vector<ip_address> addresses;
    std::vector<std::uint16_t> ports;
    std::string country, city, company;
    std::optional<probe_id> probe;
    std::optional<std::uint32_t> as_v4, as_v6;
    std::optional<double> latitude, longitude;
};

struct anchor_record {
    anchor_id id;
    anchor_entry says;
    wall_time listed;
    std::optional<wall_time> ended;  // the newest list does not name it
};

/// Publishes the list of anchors: the document for the probes, its entries for everybody else, all or nothing, with an
/// announcement in the change feed. Errors: errc::conflict when this version or a newer one was published before.
boost::asio::awaitable<result<void>> publish_anchors(database& database, signed_octets document,
                                                     std::vector<anchor_entry> entries);

/// The newest document of each name, expired ones too.
boost::asio::awaitable<result<std::vector<signed_octets>>> newest_documents(database& database);

/// The anchor that this target, a host name in any case or an address, is one of by the newest list. Errors:
/// errc::not_found, also for every target once that list has expired.
boost::asio::awaitable<result<anchor_id>> anchor_of(database& database, std::string target);

struct anchor_filter {
    std::string country, search;  // empty: any; `search` is looked for in name, city and company
    std::optional<std::uint32_t> as_v4, as_v6;
    std::uint32_t offset = 0, limit = 100;
};
struct anchor_page {
    std::uint64_t count = 0;
    std::vector<anchor_record> rows;
};
/// Those that the newest list names, by number.
boost::asio::awaitable<result<anchor_page>> list_anchors(database& database, anchor_filter filter);
/// Errors: errc::not_found.
boost::asio::awaitable<result<anchor_record>> find_anchor(database& database, anchor_id id);

}  // namespace tp::store
