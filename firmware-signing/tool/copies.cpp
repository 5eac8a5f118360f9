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

repository::prepared merge_drafts(std::vector<document_copy> const& copies)
{
    std::optional<repository::draft> out;
    for (auto const& copy : copies) {
        auto read = repository::draft::read(copy.octets);
        if (!read) return {std::nullopt, copy.file + ": " + read.error().message()};
        if (!out) out = repository::draft(read->says());
        if (read->signed_octets() != out->signed_octets())
            return {std::nullopt, copies.front().file + " and " + copy.file + " are not the same draft"};
        for (auto const& each : read->signatures()) {
            auto const* known = find(out->signatures(), each.key_id);
            if (known != nullptr && known->octets == each.octets) continue;
            if (known != nullptr)
                return {std::nullopt,
                        copy.file + " and a file before it hold different signatures of key " + each.key_id};
            if (!out->add(each)) return {std::nullopt, copy.file + ": there are too many signatures"};
        }
    }
    return {std::move(out), std::nullopt};
}

made_copy add_signatures(document_copy const& document, std::span<held_key const> keys)
{
    auto const read = read_envelope(document.octets);
    if (!read) return {{}, document.file + ": " + read.error().message()};
    auto all = read->signatures;
    for (auto const& key : keys) {
        auto made = key.sign(read->signed_octets);
        if (!made) return {{}, "cannot sign: " + made.error().message()};
        auto const& id = key.shared.id();
        auto const* known = find(all, id);
        if (known == nullptr)
            all.push_back({id, std::move(*made)});
        else if (known->octets == *made)
            return {{}, document.file + ": key " + id + " has signed it already"};
        else
            return {{}, document.file + ": holds a wrong signature in the name of key " + id};
    }
    return sealed(*read, std::move(all));
}

}  // namespace tp::signing::tool
