#include "probe/firmware/slot_state.hpp"

#include <algorithm>

#include "firmware-signing/lines.hpp"
#include "probe/firmware/checked_text.hpp"
#include "probe/firmware/manifest.hpp"

namespace tp::firmware {
namespace {

constexpr std::string_view first_line = "trigpoint-slots 1";
constexpr std::array<std::string_view, 4> standings{"empty", "ready", "committed", "failed"};
constexpr std::size_t longest_value = 80;  // octets of a line after its key
constexpr std::uint64_t most_generations = UINT64_MAX / 2;

result<std::uint64_t> take_number(signing::line_reader& from, std::string_view key, std::uint64_t most)
{
    auto const digits = from.take_value(key, longest_value);
    if (!digits) return errc::malformed;
    auto const number = signing::read_number(*digits, most);
    if (!number) return errc::malformed;
    return *number;
}

/// "committed 17 2"
result<slot_record> take_slot(signing::line_reader& from, std::string_view key)
{
    auto line = from.take_value(key, longest_value);
    if (!line) return errc::malformed;
    auto const word = signing::take_word(*line);
    auto const* const known = std::find(standings.begin(), standings.end(), word);
    auto const release = signing::read_number(signing::take_word(*line), manifest::highest_release);
    auto const tries = signing::read_number(*line, slot_state::highest_tries);
    if (known == standings.end() || !release || !tries) return errc::malformed;
    slot_record const out{static_cast<standing>(known - standings.begin()), *release, static_cast<unsigned>(*tries)};
    bool const empty = out.is == standing::empty;
    if (empty != (out.release == 0) || (empty && out.tries != 0)) return errc::malformed;
    return out;
}

/// "none", or "16 ended"
result<std::optional<failure>> take_failure(signing::line_reader& from)
{
    auto line = from.take_value("failed", longest_value);
    if (!line) return errc::malformed;
    if (*line == "none") return std::optional<failure>();
    auto const release = signing::read_number(signing::take_word(*line), manifest::highest_release);
    auto const why = cause_of(*line);
    if (!release || *release == 0 || !why || *why == cause::none) return errc::malformed;
    return std::optional<failure>({*release, *why});
}

std::string line_of(slot_record const& one)
{
    return std::string(name_of(one.is)) + ' ' + std::to_string(one.release) + ' ' + std::to_string(one.tries) + '\n';
}

}  // namespace

void slot_state::fail(slot which, cause why) noexcept
{
    of(which).is = standing::failed;
    last_failure = failure{of(which).release, why};
}

void slot_state::commit(slot which, std::uint64_t its_floor) noexcept
{
    of(which).is = standing::committed;
    of(which).tries = 0;
    highest = std::max(highest, of(which).release);
    floor = std::max(floor, its_floor);
}

std::string slot_state::text() const
{
    std::string out(first_line);
    out += "\ngeneration " + std::to_string(generation) + "\nfloor " + std::to_string(floor) + "\nhighest " +
           std::to_string(highest);
    out += "\na " + line_of(of(slot::a)) + "b " + line_of(of(slot::b)) + "failed ";
    out +=
        last_failure ? std::to_string(last_failure->release) + ' ' + std::string(name_of(last_failure->why)) : "none";
    return with_check(out + '\n');
}

result<slot_state> slot_state::parse(std::string_view octets)
{
    auto const text = without_check(octets);
    if (!text) return text.error();
    signing::line_reader in(*text);
    auto const head = in.take(first_line.size());
    if (!head || *head != first_line) return errc::malformed;
    auto const generation = take_number(in, "generation", most_generations);
    auto const floor = take_number(in, "floor", manifest::highest_release);
    auto const highest = take_number(in, "highest", manifest::highest_release);
    auto const a = take_slot(in, "a"), b = take_slot(in, "b");
    auto const last = take_failure(in);
    if (!generation || !floor || !highest || !a || !b || !last || !in.empty()) return errc::malformed;
    return slot_state{*generation, *floor, *highest, {*a, *b}, *last};
}

std::string folder_of(slot which, std::uint64_t release)
{
    return std::string(1, letter_of(which)) + '-' + std::to_string(release);
}

std::optional<slot_folder> parse_folder(std::string_view name) noexcept
{
    for (auto const which : both_slots) {
        if (name.substr(0, 1) != std::string_view(which == slot::a ? "a" : "b") || name.substr(1, 1) != "-") continue;
        auto const release = signing::read_number(name.substr(2), manifest::highest_release);
        if (release && *release > 0) return slot_folder{which, *release};
    }
    return std::nullopt;
}

std::string_view name_of(standing is) noexcept
{
    return standings[static_cast<std::size_t>(is)];
}

}  // namespace tp::firmware
