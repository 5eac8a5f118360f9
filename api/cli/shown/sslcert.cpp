#include <boost/json.hpp>

#include "api/cli/json.hpp"
#include "api/cli/shown/certificate.hpp"
#include "api/cli/shown/result.hpp"
#include "api/cli/text.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

std::string alert_in(json::object const& from)
{
    auto const* alert = object_in(from, "alert");
    if (alert == nullptr) return {};
    return "alert " + cell_in(*alert, "description") + " (level " + cell_in(*alert, "level") + ')';
}

/// "anchor.example, issued by Example CA, until 2027-01-01"; expiry is judged at the time of the measurement.
std::string certificate_text(std::string const& pem, std::int64_t now)
{
    auto const read = read_certificate(pem);
    if (!read) return "a certificate that cannot be read";
    auto const issuer = read->issuer == read->subject ? "itself" : read->issuer;
    return read->subject + ", issued by " + issuer + ", " + (read->ends < now ? "expired " : "until ") +
           time_text(read->ends).substr(0, 10);
}

}  // namespace

void read_sslcert(json::object const& from, shown_result& out)
{
    out.asked = 1;
    auto const* chain = list_in(from, "cert");
    auto const alert = alert_in(from), error = alert.empty() ? error_in(from) : alert;
    if (chain == nullptr || chain->empty()) {
        out.told = out.remark = error.empty() ? "no certificate" : error;
        return;
    }
    out.answered = 1;
    if (auto const time = number_in(from, "rt")) out.times.push_back(*time);
    out.remark = certificate_text(cell_of(chain->front()), out.timestamp) + (error.empty() ? "" : ", " + error);
    auto const version = cell_in(from, "ver");
    out.told =
        out.remark + (version.empty() ? "" : ", TLS " + version) + ", " + count_text(chain->size(), "certificate");
}

}  // namespace tp::cli
