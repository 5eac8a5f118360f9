#include <algorithm>

#include "api/results/types.hpp"

namespace tp::api {
namespace {

/// A certificate as text, RFC 7468, section 2, as a JSON string.
void append_pem(std::string& out, std::string_view der)
{
    constexpr std::size_t octets_in_line = 48;  // 64 characters
    out += R"("-----BEGIN CERTIFICATE-----\n)";
    for (; !der.empty(); der.remove_prefix(std::min(der.size(), octets_in_line))) {
        append_base64(out, der.substr(0, octets_in_line));
        out += "\\n";
    }
    out += R"(-----END CERTIFICATE-----")";
}

}  // namespace

void write_sslcert(json_object& fields, proto::report const& report)
{
    auto const& found = std::get<proto::tls_report>(report.found);
    write_addresses(fields, report);
    fields.text("dst_port", std::to_string(found.port));
    fields.text("method", "TLS");
    if (!found.version.empty()) fields.text("ver", found.version);
    if (found.connect_time) fields.milliseconds("ttc", *found.connect_time);
    if (found.round_trip) fields.milliseconds("rt", *found.round_trip);
    if (!found.cipher.empty()) fields.text("server_cipher", found.cipher);
    if (!found.certificates.empty()) {
        auto list = fields.array("cert");
        for (auto const& each : found.certificates) append_pem(list.begin(), each);
    }
    if (found.alert) {
        auto alert = fields.object("alert");
        alert.number("level", found.alert->level);
        alert.number("description", found.alert->description);
    }
    if (report.failed) write_fetch_failure(fields, *report.failed);
}

}  // namespace tp::api
