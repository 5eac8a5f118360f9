#include "probe/firmware/signed_offer.hpp"

#include "firmware-signing/tuf/fields.hpp"

namespace tp::firmware {
namespace {

constexpr std::size_t most_revisions = 64;

bool is_release(std::uint64_t number)
{
    return number <= manifest::highest_release;
}

}  // namespace

result<offer> signed_offer(std::string_view path, tuf::target_file const& facts)
{
    auto const custom = tuf::json::document::read(facts.custom);
    if (!custom) return errc::malformed;
    auto const says = custom->root();
    auto const kind = tuf::text_field(says, "kind");
    if (!kind || *kind != "firmware" || !facts.hashes.sha256) return errc::unsupported;
    auto const model = tuf::text_field(says, "model");
    auto const release = tuf::number_field(says, "release", 1), floor = tuf::number_field(says, "floor", 0),
               from = tuf::number_field(says, "from", 0);
    auto const hardware = tuf::texts_field(says, "hardware");
    if (!model || !release || !floor || !from || !hardware) return errc::malformed;
    if (!is_name(path) || !is_name(*model) || hardware->size() > most_revisions) return errc::malformed;
    if (!is_release(*release) || !is_release(*floor) || !is_release(*from)) return errc::malformed;
    offer out;
    out.content = {std::string(path), std::string(*model), *release, *floor, facts.length, *facts.hashes.sha256};
    out.revisions.assign(hardware->begin(), hardware->end());
    out.lowest_from = *from;
    return out;
}

}  // namespace tp::firmware
