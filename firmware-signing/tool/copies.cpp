#include "firmware-signing/tool/copies.hpp"

#include <algorithm>

#include "firmware-signing/envelope.hpp"

namespace tp::signing::tool {
namespace {

signature const* find(std::vector<signature> const& among, std::string_view key_id)
{
    auto const found =
        std::find_if(among.begin(), among.end(), [&](auto const& each) { return each.key_id == key_id; });
    return found == among.end() ? nullptr : &*found;
}

made_copy sealed(envelope const& document, std::vector<signature> signatures)
{
    if (signatures.size() > most_signatures)
        return {{}, "a document has room for " + std::to_string(most_signatures) + " signatures"};
    return {seal(document.signed_octets, std::move(signatures)), std::nullopt};
}

}  // namespace

made_copy merge_copies(std::vector<document_copy> const& copies)
{
    std::optional<envelope> first;
    std::vector<signature> all;
    for (auto const& copy : copies) {
        auto const read = read_envelope(copy.octets);
        if (!read) return {{}, copy.file + ": " + read.error().message()};
        if (!first) first = *read;
        if (read->signed_octets != first->signed_octets)
            return {{}, copies.front().file + " and " + copy.file + " are not the same document"};
        for (auto const& each : read->signatures) {
            auto const* known = find(all, each.key_id);
            if (known == nullptr)
                all.push_back(each);
            else if (known->octets != each.octets)
                return {{}, copy.file + " and a file before it hold different signatures of key " + each.key_id};
        }
    }
    return sealed(*first, std::move(all));
}

made_copy add_signatures(document_copy const& document, std::span<private_key const> keys)
{
    auto const read = read_envelope(document.octets);
    if (!read) return {{}, document.file + ": " + read.error().message()};
    auto all = read->signatures;
    for (auto const& key : keys) {
        auto made = key.sign(read->signed_octets);
        if (!made) return {{}, "cannot sign: " + made.error().message()};
        auto const* known = find(all, made->key_id);
        if (known == nullptr)
            all.push_back(std::move(*made));
        else if (known->octets == made->octets)
            return {{}, document.file + ": key " + made->key_id + " has signed it already"};
        else
            return {{}, document.file + ": holds a wrong signature in the name of key " + made->key_id};
    }
    return sealed(*read, std::move(all));
}

}  // namespace tp::signing::tool
