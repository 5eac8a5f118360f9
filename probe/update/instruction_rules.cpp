#include "probe/update/instruction_rules.hpp"

#include <algorithm>
#include <array>

#include "firmware-signing/lines.hpp"
#include "probe/firmware/signed_offer.hpp"

namespace tp::update {
namespace {

using firmware::cause;

constexpr std::array meanings{
    std::string_view("it is believed"),
    std::string_view("the officers list no such key for the director"),
    std::string_view("its signature is wrong"),
    std::string_view("it is malformed"),
    std::string_view("it is for another probe"),
    std::string_view("it has expired"),
    std::string_view("it was issued before another one that was accepted"),
    std::string_view("it is for another model"),
};
static_assert(meanings.size() == static_cast<std::size_t>(doubt::other_model) + 1);

bool is_listed(std::string_view key, std::vector<signing::public_key> const& by)
{
    auto const read = signing::public_key::from_octets(key);
    return read && std::find(by.begin(), by.end(), *read) != by.end();
}

/// Who signed it, and what: before anything that it says is looked at.
doubt judge_signature(proto::signed_instruction const& what, std::vector<signing::public_key> const& by)
{
    if (!is_listed(what.key, by)) return doubt::unknown_key;
    auto const key = signing::public_key::from_octets(what.key);
    bool const good = key->verifies(proto::signed_octets_of_instruction(what.instruction), what.signature);
    return good ? doubt::none : doubt::wrong_signature;
}

bool is_newer(proto::instruction const& than_last, rules const& by)
{
    bool const counts = by.last && is_listed(by.last->key, by.director);
    return !counts || than_last.issued > by.last->issued;
}

}  // namespace

std::string_view meaning_of(doubt why) noexcept
{
    return meanings[static_cast<std::size_t>(why)];
}

std::string described(proto::instruction const& what)
{
    auto const before = "rollout " + std::to_string(what.rollout) + ": ";
    if (!what.install) return before + "halted";
    bool const forced = what.install->how == proto::instruction::mode::forced;
    return before + "release " + std::to_string(what.install->release) + (forced ? ", at once" : ", when it suits");
}

judgement judge(proto::signed_instruction const& what, rules const& by)
{
    judgement out;
    out.why = judge_signature(what, by.director);
    if (out.why != doubt::none) return out;
    auto read = proto::decode_instruction(what.instruction);
    if (!read) return {doubt::malformed, false, {}};
    auto const& says = out.says.emplace(std::move(*read));
    if (says.probe != by.probe)
        out.why = doubt::other_probe;
    else if (by.last && by.last->octets == what.instruction)
        out.known = true;
    else if (by.now >= says.expires)
        out.why = doubt::expired;
    else if (!is_newer(says, by))
        out.why = doubt::not_newer;
    if (out.why == doubt::none && says.install && says.install->model != by.model) out.why = doubt::other_model;
    return out;
}

agreement agree(proto::instruction::wanted const& wanted, tuf::target_file const& facts)
{
    auto offer = firmware::signed_offer(wanted.target, facts);
    if (!offer) return {cause::no_firmware, {}};
    auto const& signed_so = offer->content;
    bool const same_octets = signed_so.length == wanted.length && signed_so.sha256 == signing::to_hex(wanted.sha256);
    bool const same_release = signed_so.model == wanted.model && signed_so.release == wanted.release;
    if (!same_octets || !same_release) return {cause::other_target, {}};
    return {cause::none, std::move(*offer)};
}

}  // namespace tp::update
