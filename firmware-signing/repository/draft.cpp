#include "firmware-signing/repository/draft.hpp"

#include <algorithm>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/repository/canonical.hpp"
#include "firmware-signing/tuf/fields.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::repository {
namespace {

bool by_id(signing::signature const& one, std::string_view id)
{
    return one.key_id < id;
}

}  // namespace

draft::draft(content says) : says_(std::move(says)), signed_octets_(write(says_))
{
}

result<draft> draft::read(std::string_view octets)
{
    auto const document = tuf::json::document::read(octets);
    if (!document) return document.error();
    auto const held = document->root().member("signed"), signatures = document->root().member("signatures");
    if (!held || !signatures) return tuf::refusal::malformed;
    auto says = read_content(*held);
    if (!says) return says.error();
    draft out(std::move(*says));
    for (auto const& each : signatures->items()) {
        auto const id = tuf::text_field(each, "keyid"), digits = tuf::text_field(each, "sig");
        auto sig = digits ? signing::from_hex(*digits, signing::public_key::signature_size) : digits.error();
        if (!id || !sig || !signing::from_hex(*id, 32)) return tuf::refusal::malformed;
        if (auto const added = out.add({std::string(*id), std::move(*sig)}); !added) return tuf::refusal::malformed;
    }
    if (out.octets() != octets) return tuf::refusal::malformed;
    return out;
}

std::string draft::octets() const
{
    return seal_metadata(signed_octets_, signatures_);
}

result<void> draft::add(signing::signature one)
{
    auto const at = std::lower_bound(signatures_.begin(), signatures_.end(), one.key_id, by_id);
    if (at != signatures_.end() && at->key_id == one.key_id) return errc::conflict;
    if (signatures_.size() == tuf::signed_file::most_signatures) return errc::too_large;
    signatures_.insert(at, std::move(one));
    return {};
}

bool draft::is_signed_by(signing::public_key const& key) const
{
    auto const id = listed_id(key);
    auto const at = std::lower_bound(signatures_.begin(), signatures_.end(), id, by_id);
    return at != signatures_.end() && at->key_id == id && key.verifies(signed_octets_, at->octets);
}

std::string seal_metadata(std::string_view signed_octets, std::vector<signing::signature> const& signatures)
{
    std::vector<std::string> items;
    for (auto const& each : signatures) {
        canonical_object one;
        items.push_back(one.text("keyid", each.key_id).text("sig", signing::to_hex(each.octets)).str());
    }
    canonical_object out;
    return out.put("signatures", canonical_array(items)).put("signed", std::string(signed_octets)).str();
}

}  // namespace tp::repository
