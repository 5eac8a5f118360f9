#include "api/anchors/document.hpp"

#include "firmware-signing/anchor_facts.hpp"
#include "firmware-signing/refusal.hpp"
#include "firmware-signing/signed_document.hpp"

namespace tp::api {
namespace {

using signing::refusal;

problem not_newer(std::uint64_t published)
{
    return {409, "Version " + std::to_string(published) + " is published, and this document is not newer.", {}};
}

problem from_refusal(error_code why, signing::trusted_keys const& trusted, std::uint64_t published)
{
    if (why == refusal::older_than_known) return not_newer(published);
    if (why == refusal::too_large) return {413, "A signed document is not so large.", {}};
    if (why == refusal::too_few_signatures)
        return bad_body("", "The document is not trusted: it needs good signatures of " +
                                std::to_string(trusted.threshold()) + " of the keys that are trusted here.");
    if (why == refusal::bad_signature)
        return bad_body("", "The document is not trusted: a signature in the name of a trusted key is wrong.");
    if (why == refusal::other_name) return bad_body("", "This is a signed document, and no list of anchors.");
    if (why == refusal::expired) return bad_body("", "The document has expired.");
    return bad_body("", "This is no signed document.");
}

store::anchor_entry entry_of(signing::listed_anchor anchor, signing::anchor_facts facts)
{
    return {.name = std::move(anchor.name),
            .addresses = std::move(anchor.addresses),
            .ports = std::move(anchor.ports),
            .country = std::move(facts.country),
            .city = std::move(facts.city),
            .company = std::move(facts.company),
            .probe = facts.probe,
            .as_v4 = facts.asn_v4,
            .as_v6 = facts.asn_v6,
            .latitude = facts.latitude,
            .longitude = facts.longitude};
}

checked<std::vector<store::anchor_entry>> entries_in(std::string_view content)
{
    auto list = signing::read_anchor_list(content);
    if (!list) return bad_body("", "What the document holds is no list of anchors.");
    std::vector<store::anchor_entry> out;
    for (auto& anchor : *list) {
        auto read = signing::facts_about(anchor);
        if (read.complaint) return bad_body("", "What the document holds cannot be: " + *read.complaint);
        out.push_back(entry_of(std::move(anchor), std::move(read.facts)));
    }
    return out;
}

}  // namespace

checked<believed_list> judge_anchor_document(std::string octets, signing::trusted_keys const& trusted, wall_time now,
                                             std::uint64_t published)
{
    if (trusted.empty())
        return problem(409, "No keys are trusted here: name them in the section \"trust\" of the API's settings.", {});
    auto const believed = signing::verify(octets, trusted, {signing::anchors_name, now, published + 1});
    if (!believed) return from_refusal(believed.error(), trusted, published);
    auto entries = entries_in(believed->content);
    if (!entries) return entries.error();
    return believed_list{{std::string(signing::anchors_name), believed->version, believed->expires, std::move(octets)},
                         std::move(*entries)};
}

}  // namespace tp::api
