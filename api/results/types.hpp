#pragma once

#include "api/results/json_writer.hpp"
#include "proto/report.hpp"

/// The members of a result that depend on its type, between those about the probe and those about the measurement. One
/// file each. Sources: RIPE Atlas, "Data structure v5000+"; where that is silent, results as their probes write them.
namespace tp::api {

void write_ping(json_object& fields, proto::report const& report);
void write_traceroute(json_object& fields, proto::report const& report);
void write_dns(json_object& fields, proto::report const& report);
void write_http(json_object& fields, proto::report const& report);
void write_sslcert(json_object& fields, proto::report const& report);
void write_ntp(json_object& fields, proto::report const& report);

/// dst_name, af, dst_addr, src_addr, ttr: what most types have.
void write_addresses(json_object& fields, proto::report const& report);

/// Why nothing came of a fetch, by the name that Atlas gives to it: dnserr, sockerr, error or err.
void write_fetch_failure(json_object& fields, proto::failure const& failed);

}  // namespace tp::api
