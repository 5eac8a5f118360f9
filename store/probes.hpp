#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "store/conditions.hpp"
#include "store/database.hpp"
#include "store/trust.hpp"

/// Probes as the API shows and selects them.
namespace tp::store {

/// Numbers as in the Atlas API.
enum class probe_status { never_connected = 0, connected = 1, disconnected = 2, abandoned = 3, written_off = 4 };

struct probe_record {
    probe_id id;
    std::optional<account_id> owner;
    trust_state trust{};
    std::string description, country, software;
    bool is_public = true;
    probe_status status{};
    wall_time status_since;
    std::optional<wall_time> first_connected, last_connected;
    std::chrono::seconds total_uptime{};
    std::optional<ip_address> address_v4, address_v6;
    std::optional<ip_prefix> prefix_v4, prefix_v6;
    std::optional<std::uint32_t> asn_v4, asn_v6;
    std::optional<double> latitude, longitude;
    std::vector<std::string> tags;  // slugs
};

/// What lists of probes are compared by. Coordinates are those that strangers are shown, rounded to two decimals.
enum class probe_column {
    id,
    asn_v4,
    asn_v6,
    asns_differ,
    latitude,
    longitude,
    is_anchor,
    is_public,
    has_run,  // it has told which software it runs
    description,
};

/// Around a place, in degrees.
struct circle {
    double latitude = 0, longitude = 0, radius_km = 0;
};

struct probe_filter {
    std::vector<std::int32_t> ids;
    std::vector<condition<probe_column>> where;
    std::optional<circle> near;  // its rounded coordinates lie within
    std::optional<account_id> owner;
    std::string country;  // empty: any
    std::vector<std::string> countries;
    std::optional<std::uint32_t> asn;
    // The probe's prefix lies within; or its address, if it is public or `hidden_addresses`.
    std::optional<ip_prefix> prefix, prefix_v4, prefix_v6;
    bool hidden_addresses = false;  // of probes that are not public, too: for their host, and for operators
    std::optional<probe_status> status;
    std::vector<std::string> tags_include, tags_exclude;
    std::vector<std::string> capabilities;  // all of them
    std::optional<trust_state> trust;
    std::optional<measurement_id> of_measurement;  // its participants
    bool newest_first = false;
    std::uint32_t offset = 0, limit = 50;
};
struct probe_page {
    std::uint64_t count = 0;
    std::vector<probe_record> rows;
};
boost::asio::awaitable<result<probe_page>> list_probes(database& database, probe_filter filter);
/// Errors: errc::not_found.
boost::asio::awaitable<result<probe_record>> find_probe_by_id(database& database, probe_id id);

/// Tags that only operators set, since they say who is told of a new release first: "lab", and what begins with "lab-".
bool is_lab_tag(std::string_view tag) noexcept;

/// What the host may change.
struct probe_change {
    std::optional<std::string> description;
    std::optional<bool> is_public;
    std::optional<std::string> country;
    std::optional<double> latitude, longitude;
    std::optional<std::vector<std::string>> user_tags;  // replaces them; system tags stay
    bool keeps_lab = false;                             // tags of the lab stay, too, and none is among user_tags
};
boost::asio::awaitable<result<void>> change_probe(database& database, probe_id id, probe_change change);

/// Those of these probes that can do this, in their order.
boost::asio::awaitable<result<std::vector<probe_id>>> capable_probes(database& database, std::vector<probe_id> among,
                                                                     std::string capability);

/// Selects up to `count` connected probes that match the filter (limit and offset are ignored), in random order. Active
/// ones; a filter that names probes or a measurement also gets those that measure and are watched (suspect, probation).
boost::asio::awaitable<result<std::vector<probe_id>>> pick_probes(database& database, probe_filter filter,
                                                                  std::uint32_t count);

}  // namespace tp::store
