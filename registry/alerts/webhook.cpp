#include "registry/alerts/webhook.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace tp::registry {
namespace {

using std::chrono::milliseconds;
using kind = store::delivery_outcome::kind;

constexpr unsigned most_doublings = 20;

std::string hexadecimal(std::string_view octets)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (auto const c : octets) {
        auto const octet = static_cast<unsigned char>(c);
        out += digits[octet >> 4U];
        out += digits[octet & 0xfU];
    }
    return out;
}

milliseconds pause_after(std::uint32_t failures, double chance)
{
    auto const doublings = std::min<std::uint32_t>(failures, most_doublings);
    auto const whole = std::min<milliseconds>(first_retry * (std::int64_t{1} << doublings), longest_retry);
    return std::chrono::duration_cast<milliseconds>(whole * (0.5 + chance / 2));
}

}  // namespace

std::string alert_body(store::alert_record const& what)
{
    return boost::json::serialize(boost::json::object{{"id", what.number},
                                                      {"at", to_unix_seconds(what.at)},
                                                      {"kind", what.what.kind},
                                                      {"subject", what.what.subject},
                                                      {"rule", what.what.rule},
                                                      {"text", what.what.said}});
}

std::string signature_of(std::string_view secret, std::int64_t timestamp, std::string_view body)
{
    auto const said = "v1." + std::to_string(timestamp) + '.' + std::string(body);
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<unsigned char const*>(said.data()), said.size(), out.data(), &length);
    return "v1=" + hexadecimal({reinterpret_cast<char const*>(out.data()), length});
}

http_call::question webhook_request(http_call::url const& to, std::string_view secret, store::alert_record const& what,
                                    wall_time now)
{
    http_call::question out;
    out.method = "POST";
    out.where = to;
    out.body = alert_body(what);
    auto const timestamp = to_unix_seconds(now);
    out.headers = {{"Content-Type", "application/json"},
                   {"Trigpoint-Alert", std::to_string(what.number)},
                   {"Trigpoint-Timestamp", std::to_string(timestamp)},
                   {"Trigpoint-Signature", signature_of(secret, timestamp, out.body)}};
    return out;
}

store::delivery_outcome outcome_of(result<http_call::answer> const& got, store::due_alert const& tried, wall_time now,
                                   double chance)
{
    constexpr unsigned first_taken = 200, first_not_taken = 300;
    if (got && got->status >= first_taken && got->status < first_not_taken) return {};
    auto error = got ? "status " + std::to_string(got->status) : got.error().message();
    if (now - tried.what.at > give_up_after) return {kind::given_up, std::move(error), {}};
    return {kind::later, std::move(error), pause_after(tried.attempts, chance)};
}

}  // namespace tp::registry
