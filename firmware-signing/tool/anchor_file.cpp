#include "firmware-signing/tool/anchor_file.hpp"

#include <charconv>
#include <limits>

#include "base/settings.hpp"
#include "firmware-signing/anchor_facts.hpp"
#include "firmware-signing/envelope.hpp"

namespace tp::signing::tool {
namespace {

/// The fewest digits that give this number again.
std::string number_text(double value)
{
    char out[32];
    auto const end = std::to_chars(out, out + sizeof out, value).ptr;
    return {out, end};
}

void read_addresses(settings& from, listed_anchor& into)
{
    for (auto const& text : from.texts("addresses")) {
        auto const address = parse_address(text);
        if (address)
            into.addresses.push_back(*address);
        else
            from.complain("addresses", "holds \"" + text + "\", which is no address");
    }
}

void read_ports(settings& from, listed_anchor& into)
{
    if (!from.has("ports")) return;
    into.ports.clear();
    for (auto const port : from.integers("ports", 1, std::numeric_limits<std::uint16_t>::max()))
        into.ports.push_back(static_cast<std::uint16_t>(port));
}

void read_about(settings& from, listed_anchor& into)
{
    for (auto const* subject : {"country", "city", "company"}) {
        if (from.has(subject)) into.about[subject] = from.text(subject, "");
    }
    auto const number = [&](char const* subject, std::int64_t least, std::int64_t most) {
        if (from.has(subject)) into.about[subject] = std::to_string(from.integer(subject, least, least, most));
    };
    number("asn_v4", 0, std::numeric_limits<std::uint32_t>::max());
    number("asn_v6", 0, std::numeric_limits<std::uint32_t>::max());
    number("probe", 1, std::numeric_limits<std::int32_t>::max());
    auto const degrees = [&](char const* subject, double most) {
        if (auto const value = from.real(subject, -most, most)) into.about[subject] = number_text(*value);
    };
    degrees("latitude", 90);
    degrees("longitude", 180);
}

listed_anchor read_anchor(settings& from)
{
    listed_anchor out{.name = from.text("name", "")};
    if (out.name.empty()) from.complain("name", "is needed");
    read_addresses(from, out);
    read_ports(from, out);
    read_about(from, out);
    return out;
}

}  // namespace

anchor_file read_anchor_file(std::string_view text, std::string const& name)
{
    auto file = settings::parse(text, name);
    if (!file.has("anchor")) file.complain("anchor", "is not there: a list without any says `anchor = []`");
    auto tables = file.tables("anchor");
    if (auto complaint = file.finish()) return {{}, std::move(complaint)};
    std::vector<listed_anchor> out;
    for (auto& each : tables) {
        out.push_back(read_anchor(each));
        if (auto complaint = each.finish()) return {{}, std::move(complaint)};
    }
    if (auto const written = write_anchor_list(out); written.complaint) return {{}, name + ": " + *written.complaint};
    for (auto const& each : out) {
        if (auto const facts = facts_about(each); facts.complaint) return {{}, name + ": " + *facts.complaint};
    }
    return {std::move(out), std::nullopt};
}

prepared prepare_anchors(std::vector<listed_anchor> anchors, std::uint64_t version, wall_time expires, wall_time now)
{
    auto const written = write_anchor_list(std::move(anchors));
    if (written.complaint) return {{}, written.complaint};
    if (expires <= now) return {{}, "the document would have expired already"};
    auto octets = octets_to_sign({anchors_name, version, expires, written.content});
    if (!octets) return {{}, "version or expiry: " + octets.error().message()};
    return {std::move(*octets), std::nullopt};
}

}  // namespace tp::signing::tool
