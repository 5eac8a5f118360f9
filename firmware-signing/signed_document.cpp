#include "firmware-signing/signed_document.hpp"

#include "firmware-signing/envelope.hpp"
#include "firmware-signing/refusal.hpp"

namespace tp::signing {
namespace {

/// Whether enough trusted keys signed, and none of them wrongly. Signatures of others say nothing: they may be those of
/// keys that come or go.
error_code judge(envelope const& sealed, trusted_keys const& keys)
{
    std::size_t good = 0;
    for (auto const& each : sealed.signatures) {
        auto const* const key = keys.find(each.key_id);
        if (!key) continue;
        if (!key->verifies(sealed.signed_octets, each.octets)) return refusal::bad_signature;
        ++good;  // no key is named twice in an envelope
    }
    if (keys.empty() || good < keys.threshold()) return refusal::too_few_signatures;
    return {};
}

}  // namespace

result<document> verify(std::string_view octets, trusted_keys const& keys, wanted const& asked)
{
    auto const sealed = read_envelope(octets);
    if (!sealed) return sealed.error();
    if (auto const why = judge(*sealed, keys)) return why;
    if (sealed->says.name != asked.name) return refusal::other_name;
    if (sealed->says.version < asked.lowest_version) return refusal::older_than_known;
    if (sealed->says.expires <= asked.now) return refusal::expired;
    return document{std::string(sealed->says.content), sealed->says.version, sealed->says.expires};
}

}  // namespace tp::signing
