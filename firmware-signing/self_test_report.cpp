#include "firmware-signing/self_test_report.hpp"

#include <algorithm>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/refusal.hpp"

namespace tp::signing {
namespace {

constexpr std::string_view format = "trigpoint self-test report, format 1";
constexpr std::size_t longest_line = 512, longest_name = 32;
constexpr std::uint64_t latest = 7'258'118'400;  // seconds since 1970: the year 2200

bool is_name(std::string_view text)
{
    return !text.empty() && text.size() <= longest_name &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == text.npos;
}

bool is_text(std::string_view text)
{
    return !text.empty() && text.size() <= self_test_report::longest_text && is_plain_text(text);
}

/// What may stand in a report, of whatever a system said.
std::string shown(std::string_view text)
{
    std::string out(text.substr(0, self_test_report::longest_text));
    for (char& c : out)
        if (c < ' ' || c > '~') c = '?';
    return out.empty() ? "-" : out;
}

result<self_test_report::check> read_check(std::string_view line)
{
    auto const name = take_word(line), outcome = take_word(line);
    if (!is_name(name) || (outcome != "ok" && outcome != "failed") || !is_text(line)) return refusal::malformed;
    return self_test_report::check{std::string(name), outcome == "ok", std::string(line)};
}

result<std::vector<self_test_report::check>> read_checks(line_reader& from)
{
    std::vector<self_test_report::check> out;
    while (from.rest().starts_with("check ")) {
        auto const line = from.take_value("check", longest_line);
        if (!line) return line.error();
        auto one = read_check(*line);
        if (!one || out.size() == self_test_report::most_checks) return refusal::malformed;
        out.push_back(std::move(*one));
    }
    return out;
}

}  // namespace

bool self_test_report::passed() const
{
    auto const is_there = [&](std::string_view name) {
        return std::any_of(checks.begin(), checks.end(), [&](auto const& one) { return one.name == name; });
    };
    return std::all_of(checks.begin(), checks.end(), [](auto const& one) { return one.good; }) &&
           std::all_of(std::begin(required_checks), std::end(required_checks), is_there);
}

result<std::string> write_self_test(self_test_report const& report, ssh::private_key const& key)
{
    std::string out(format);
    out += "\nkey " + key.shared().base64() + "\nsoftware " + shown(report.software) + "\nat " +
           std::to_string(to_unix_seconds(report.at)) + '\n';
    for (auto const& one : report.checks)
        out += "check " + one.name + (one.good ? " ok " : " failed ") + shown(one.text) + '\n';
    auto const signature = key.sign(out);
    if (!signature) return signature.error();
    return out + "signature " + to_hex(*signature) + '\n';
}

result<self_test_report> read_self_test(std::string_view octets)
{
    if (octets.size() > self_test_report::largest) return refusal::too_large;
    line_reader from(octets);
    auto const first = from.take(format.size());
    if (!first || *first != format) return refusal::malformed;
    auto const base64 = from.take_value("key", longest_line);
    auto key = base64 ? ssh::public_key::parse(*base64) : result<ssh::public_key>(base64.error());
    if (!key || key->base64() != *base64) return refusal::malformed;
    auto const software = from.take_value("software", longest_line);
    if (!software || !is_text(*software)) return refusal::malformed;
    auto const at = from.take_value("at", longest_line);
    auto const seconds = at ? read_number(*at, latest) : result<std::uint64_t>(at.error());
    if (!seconds) return refusal::malformed;
    auto checks = read_checks(from);
    if (!checks) return checks.error();
    auto const before = octets.substr(0, octets.size() - from.rest().size());
    auto const digits = from.take_value("signature", longest_line);
    auto const signature =
        digits ? from_hex(*digits, ssh::private_key::signature_length) : result<std::string>(digits.error());
    if (!signature || !from.empty()) return refusal::malformed;
    if (!key->verifies(before, *signature)) return refusal::bad_signature;
    return self_test_report{std::move(*key), std::string(*software),
                            from_unix_seconds(static_cast<std::int64_t>(*seconds)), std::move(*checks)};
}

}  // namespace tp::signing
