#include "api/factory/document.hpp"

#include "firmware-signing/factory_list.hpp"
#include "firmware-signing/refusal.hpp"
#include "firmware-signing/signed_document.hpp"

namespace tp::api {
namespace {

using signing::refusal;

problem from_refusal(error_code why, signing::trusted_keys const& trusted)
{
    if (why == refusal::too_large) return {413, "A signed document is not so large.", {}};
    if (why == refusal::too_few_signatures)
        return bad_body("", "The list is not trusted: it needs good signatures of " +
                                std::to_string(trusted.threshold()) + " of the keys that are trusted here.");
    if (why == refusal::bad_signature)
        return bad_body("", "The list is not trusted: a signature in the name of a trusted key is wrong.");
    if (why == refusal::other_name) return bad_body("", "This is a signed document, and no factory list.");
    if (why == refusal::expired) return bad_body("", "The list has expired.");
    return bad_body("", "This is no signed document.");
}

}  // namespace

checked<store::factory_list> judge_factory_list(std::string octets, signing::trusted_keys const& trusted, wall_time now)
{
    if (trusted.empty())
        return problem(409, "No keys are trusted here: name them in the section \"factory\" of the API's settings.",
                       {});
    auto const believed = signing::verify(octets, trusted, {signing::factory_name, now, 0});
    if (!believed) return from_refusal(believed.error(), trusted);
    auto list = signing::read_device_list(believed->content);
    if (!list) return bad_body("", "What the document holds is no list of devices.");
    store::factory_list out{std::move(list->batch), believed->version, std::move(octets), {}};
    for (auto& each : list->devices)
        out.devices.push_back({std::move(each.serial), std::move(each.key), std::move(each.model),
                               std::move(each.revision), std::move(each.code_hash)});
    return out;
}

}  // namespace tp::api
