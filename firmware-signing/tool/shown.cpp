#include "firmware-signing/tool/shown.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <vector>

#include "firmware-signing/anchor_facts.hpp"
#include "firmware-signing/factory_list.hpp"
#include "firmware-signing/lines.hpp"
#include "firmware-signing/tool/rows.hpp"
#include "firmware-signing/tool/times.hpp"

namespace tp::signing::tool {
namespace {

constexpr std::size_t subject_width = 10, serial_width = 16;  // columns
constexpr std::size_t code_digits = 16;

std::string digest_of(std::string_view octets)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    ::SHA256(reinterpret_cast<unsigned char const*>(octets.data()), octets.size(), digest);
    return to_hex({reinterpret_cast<char const*>(digest), sizeof digest});
}

std::string anchor_text(listed_anchor const& anchor)
{
    auto out = '\n' + anchor.name + '\n';
    std::string ports, addresses;
    for (auto const port : anchor.ports) ports += (ports.empty() ? "" : ", ") + std::to_string(port);
    for (auto const& address : anchor.addresses) addresses += (addresses.empty() ? "" : ", ") + address.to_string();
    auto const add = [&](std::string_view subject, std::string_view text) {
        out += "    " + padded(subject, subject_width) + std::string(text) + '\n';
    };
    add("addresses", addresses);
    add("ports", ports);
    for (auto const& [subject, text] : anchor.about) add(subject, text);
    return out;
}

std::string devices_text(device_list const& list)
{
    auto out = row("batch", list.batch) + row("devices", std::to_string(list.devices.size())) + '\n';
    for (auto const& each : list.devices)
        out += padded(each.serial, serial_width) + ' ' + each.model + " revision " + each.revision + ", key " +
               each.key.fingerprint() + ", code " + each.code_hash.substr(0, code_digits) + "...\n";
    return out;
}

std::string content_text(statement const& says)
{
    if (auto const complaint = complaint_about_content(says)) return row("content", "NOT SHOWN: " + *complaint);
    if (says.name == factory_name) return devices_text(read_device_list(says.content).value());
    auto const anchors = read_anchor_list(says.content).value();
    auto out = row("anchors", std::to_string(anchors.size()));
    for (auto const& each : anchors) out += anchor_text(each);
    return out;
}

std::string signatures_text(std::vector<signature> const& signatures)
{
    if (signatures.empty()) return row("signed by", "nobody yet");
    std::string out;
    for (auto const& each : signatures) out += row(out.empty() ? "signed by" : "", "key " + each.key_id);
    return out + row("", "(whether these are good: `trigpoint-sign verify`)");
}

}  // namespace

std::string document_text(envelope const& document, wall_time now)
{
    auto const& says = document.says;
    return row("document", says.name) + row("version", std::to_string(says.version)) +
           row("expires", date_text(says.expires) + ", " + ahead_text(says.expires, now)) +
           row("SHA-256", digest_of(document.signed_octets)) + signatures_text(document.signatures) +
           content_text(says);
}

std::optional<std::string> complaint_about_content(statement const& says)
{
    if (says.name == factory_name)
        return read_device_list(says.content) ? std::nullopt : std::optional<std::string>("it is no list of devices");
    if (says.name != anchors_name) return "this program does not know documents of that name";
    auto const anchors = read_anchor_list(says.content);
    if (!anchors) return "it is no list of anchors";
    for (auto const& each : *anchors) {
        if (auto facts = facts_about(each); facts.complaint) return std::move(facts.complaint);
    }
    return std::nullopt;
}

}  // namespace tp::signing::tool
