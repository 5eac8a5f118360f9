#include "api/abuse/claim.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

#include "api/json_fields.hpp"
#include "api/limits.hpp"
#include "api/measurements/targets.hpp"
#include "api/probes/trust.hpp"
#include "proto/job.hpp"

namespace tp::api {
namespace {

constexpr std::size_t longest_label = 63;  // RFC 1035, section 2.3.4
constexpr std::size_t longest_token = 64;
constexpr std::size_t longest_target_text = proto::job::longest_target;

constexpr std::array decisions{
    choice<store::abuse_decision>{"keep-blocked", store::abuse_decision::keep_blocked},
    choice<store::abuse_decision>{"reopen", store::abuse_decision::reopen},
};

bool is_label(std::string_view label)
{
    auto const fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
    return !label.empty() && label.size() <= longest_label && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), fits);
}

/// A name of two labels or more, of which the last has a letter: anything else could be an address in disguise.
bool is_host_name(std::string_view name)
{
    std::size_t labels = 0;
    for (;; ++labels) {
        auto const dot = name.find('.');
        if (!is_label(name.substr(0, dot))) return false;
        if (dot == std::string_view::npos) break;
        name.remove_prefix(dot + 1);
    }
    bool const has_letter = std::any_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    return labels > 0 && has_letter;
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

std::optional<std::string> complaint_about(ip_prefix const& prefix, bool allow_special)
{
    auto const widest = prefix.network().is_v4() ? widest_claim_v4 : widest_claim_v6;
    if (prefix.length() < widest)
        return "A claim is about a /" + std::to_string(widest) + " at most. Larger networks write to the operator.";
    if (!allow_special && !may_be_asked(prefix.network())) return "This is not an address of the public Internet.";
    return std::nullopt;
}

abuse_target read_target(json_fields const& fields, bool allow_special)
{
    abuse_target out;
    auto const text = fields.text("target", longest_target_text);
    if (!text) {
        if (fields.find("target") == nullptr) fields.missing("target");
        return out;
    }
    if (auto const prefix = ip_prefix::parse(*text)) {
        if (auto const wrong = complaint_about(*prefix, allow_special)) fields.complain("target", *wrong);
        out.prefix = *prefix;
        return out;
    }
    out.name = lower(*text);
    if (out.name.ends_with('.')) out.name.pop_back();
    if (!is_host_name(out.name)) fields.complain("target", "This is no address, no prefix and no host name.");
    return out;
}

std::string required_text(json_fields const& fields, std::string_view name, std::size_t longest)
{
    auto const given = fields.find(name) != nullptr;
    auto out = fields.text(name, longest).value_or("");
    if (!given || (out.empty() && fields.text(name, longest))) fields.missing(name);
    if (!is_plain_text(out)) fields.complain(name, "This holds control characters.");
    return out;
}

std::string reverse_v4(boost::asio::ip::address_v4 const& address, unsigned octets)
{
    auto const bytes = address.to_bytes();
    std::string out;
    for (auto at = octets; at-- > 0;) out += std::to_string(bytes.at(at)) + '.';
    return out + "in-addr.arpa";
}

std::string reverse_v6(boost::asio::ip::address_v6 const& address, unsigned nibbles)
{
    constexpr std::string_view digits = "0123456789abcdef";
    auto const bytes = address.to_bytes();
    std::string out;
    for (auto at = nibbles; at-- > 0;) {
        auto const byte = bytes.at(at / 2);
        out += digits[at % 2 == 0 ? byte >> 4U : byte & 0xfU];
        out += '.';
    }
    return out + "ip6.arpa";
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blank = " \t\r";
    auto const first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

}  // namespace

std::string abuse_target::text() const
{
    if (!prefix) return name;
    return is_address() ? prefix->network().to_string() : prefix->text();
}

checked<abuse_claim> parse_abuse_claim(std::string const& body, bool allow_special)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    abuse_claim out;
    out.target = read_target(fields, allow_special);
    out.contact = required_text(fields, "contact", longest_contact);
    out.complaint = required_text(fields, "text", longest_complaint);
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

checked<abuse_verdict> parse_abuse_verdict(std::string const& body)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    abuse_verdict out;
    if (fields.find("decision") == nullptr) fields.missing("decision");
    fields.read("decision", decisions, out.decision);
    out.reason = required_text(fields, "reason", longest_reason);
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

checked<std::string> parse_abuse_token(std::string const& body)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    auto out = required_text(fields, "token", longest_token);
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

bool may_be_asked(ip_address const& address)
{
    static auto const global = ip_prefix::parse("2000::/3").value();
    static auto const teredo = ip_prefix::parse("2001::/32").value();
    if (address.is_v6() && (!global.contains(address) || teredo.contains(address))) return false;
    return !is_special(address);
}

std::string proof_record(abuse_target const& target)
{
    if (!target.prefix) return "_trigpoint-abuse." + target.name;
    auto const& network = target.prefix->network();
    if (network.is_v4()) return reverse_v4(network.to_v4(), target.prefix->length() / 8);
    return reverse_v6(network.to_v6(), target.prefix->length() / 4);
}

std::string proof_text(std::string_view token)
{
    return "trigpoint-abuse=" + std::string(token);
}

std::optional<std::string> proof_url(abuse_target const& target)
{
    if (target.prefix && !target.is_address()) return std::nullopt;
    auto const host = target.text();
    auto const bracketed = host.find(':') == std::string::npos ? host : '[' + host + ']';
    return "http://" + bracketed + std::string(proof_path);
}

bool page_proves(std::string_view page, std::string_view token)
{
    while (!page.empty()) {
        auto const end = page.find('\n');
        if (trimmed(page.substr(0, end)) == token) return true;
        if (end == std::string_view::npos) break;
        page.remove_prefix(end + 1);
    }
    return false;
}

bool records_prove(std::vector<std::string> const& texts, std::string_view token)
{
    auto const wanted = proof_text(token);
    return std::any_of(texts.begin(), texts.end(), [&](auto const& each) { return trimmed(each) == wanted; });
}

}  // namespace tp::api
