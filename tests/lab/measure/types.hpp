#pragma once

#include <boost/json.hpp>
#include <string_view>

#include "proto/findings.hpp"
#include "tests/lab/measure/words.hpp"

/// What trigpoint-lab-measure knows about each type of measurement: its options as words, its findings as JSON. A type
/// is a file here; its functions are declared below and named in options.cpp and json.cpp. Names are those of
/// proto/options.hpp and proto/findings.hpp; times are in nanoseconds, octets in base64 ("..._base64").
namespace tp::lab {

/// Throws std::runtime_error for a type or a word that is unknown.
proto::options read_options(std::string_view type, words& from);
boost::json::value to_json(proto::findings const& found);

void read(words& from, proto::ping_options& to);
void read(words& from, proto::traceroute_options& to);
void read(words& from, proto::dns_options& to);
void read(words& from, proto::http_options& to);
void read(words& from, proto::tls_options& to);
void read(words& from, proto::ntp_options& to);

boost::json::object to_json(proto::ping_report const& from);
boost::json::object to_json(proto::traceroute_report const& from);
boost::json::object to_json(proto::dns_report const& from);
boost::json::object to_json(proto::http_report const& from);
boost::json::object to_json(proto::tls_report const& from);
boost::json::object to_json(proto::ntp_report const& from);

/// For the types that have no file here yet.
template <class T>
boost::json::object to_json(T const&)
{
    return {};
}

// ---- helpers for the files of the types

std::string base64(std::string_view octets);

inline boost::json::value value_of(std::chrono::nanoseconds length)
{
    return length.count();
}
inline boost::json::value value_of(wall_time at)
{
    return at.time_since_epoch().count();
}
inline boost::json::value value_of(ip_address const& address)
{
    return boost::json::string(address.to_string());
}
inline boost::json::value value_of(unsigned number)
{
    return number;
}
template <class T>
boost::json::value value_of(std::optional<T> const& value)
{
    return value ? value_of(*value) : boost::json::value(nullptr);
}

}  // namespace tp::lab
