#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "api/json_fields.hpp"
#include "proto/options.hpp"
#include "proto/report.hpp"

/// What belongs to one type of measurement in a request and in a measurement's object. Names, defaults and ranges: the
/// Atlas API, "Creating measurements".
namespace tp::api {

struct measurement_type {
    std::chrono::seconds usual_interval;
    /// Reads the members that only this type has. What is wrong becomes a fault; without one, all is in range.
    proto::options (*read)(json_fields const& fields);
    /// Adds the same members with their present values.
    void (*show)(boost::json::object& out, proto::options const& told);
};

measurement_type const& type_of(proto::result_kind kind) noexcept;

/// "UDP", "ICMP", ... of the types that the list of measurements filters by; else empty.
std::string protocol_of(proto::options const& told);

// The rows of the table, one file each.
extern measurement_type const ping_type, traceroute_type, dns_type, http_type, sslcert_type, ntp_type;

/// Numbers of DNS types by their names ("AAAA", "TYPE65"), and back. IANA, "Domain Name System (DNS) Parameters".
std::optional<std::uint16_t> dns_type_named(std::string_view text);
std::string dns_type_name(std::uint16_t number);

}  // namespace tp::api
