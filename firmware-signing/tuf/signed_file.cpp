#include "firmware-signing/tuf/signed_file.hpp"

#include <algorithm>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf {

result<signed_file> signed_file::read(std::string_view octets)
{
    auto document = json::document::read(octets);
    if (!document) return document.error();
    signed_file out;
    out.document_ = std::make_unique<json::document>(std::move(*document));
    auto const root = out.document_->root();
    out.content_ = root.member("signed");
    auto const signatures = root.member("signatures");
    if (!out.content_ || out.content_->type() != json::kind::object || !signatures) return refusal::malformed;
    if (auto const why = out.take_signatures(*signatures)) return why;
    out.canonical_ = out.content_->canonical();
    return out;
}

error_code signed_file::take_signatures(json::value from)
{
    if (from.type() != json::kind::array) return refusal::malformed;
    auto const items = from.items();
    if (items.size() > most_signatures) return refusal::too_large;
    for (auto const& each : items)
        if (auto const why = take_signature(each)) return why;
    return {};
}

error_code signed_file::take_signature(json::value from)
{
    auto const key_id = from.member("keyid"), octets = from.member("sig");
    if (!key_id || !key_id->text() || !octets || !octets->text()) return refusal::malformed;
    bool const repeated = std::any_of(signatures_.begin(), signatures_.end(),
                                      [&](signature const& known) { return known.key_id == *key_id->text(); });
    if (repeated) return refusal::repeated_signer;
    auto const digits = *octets->text();
    auto const read = signing::from_hex(digits, digits.size() / 2);
    signatures_.push_back({*key_id->text(), read ? *read : std::string()});
    return {};
}

result<void> signed_file::require(signers const& role) const
{
    std::vector<public_key const*> good;
    for (auto const& each : signatures_) {
        if (good.size() == role.threshold) break;
        auto const found = role.keys.find(each.key_id);
        if (found == role.keys.end()) continue;
        auto const& key = found->second;
        bool const counted =
            std::any_of(good.begin(), good.end(), [&](public_key const* known) { return known->same_as(key); });
        if (!counted && key.verifies(canonical_, each.octets)) good.push_back(&key);
    }
    if (good.size() < role.threshold) return refusal::too_few_signatures;
    return {};
}

}  // namespace tp::tuf
