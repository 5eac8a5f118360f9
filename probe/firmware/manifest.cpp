#include "probe/firmware/manifest.hpp"

#include <algorithm>

#include "firmware-signing/lines.hpp"
#include "probe/firmware/checked_text.hpp"
#include "probe/firmware/sha256.hpp"

namespace tp::firmware {
namespace {

constexpr std::string_view first_line = "trigpoint-slot 1";
constexpr std::size_t longest_number = 20;  // digits

result<std::uint64_t> take_number(signing::line_reader& from, std::string_view key, std::uint64_t most)
{
    auto const digits = from.take_value(key, longest_number);
    if (!digits) return errc::malformed;
    auto const number = signing::read_number(*digits, most);
    if (!number) return errc::malformed;
    return *number;
}

result<std::string> take_name(signing::line_reader& from, std::string_view key)
{
    auto const name = from.take_value(key, manifest::longest_name);
    if (!name || !is_name(*name)) return errc::malformed;
    return std::string(*name);
}

result<std::string> take_digest(signing::line_reader& from, std::string_view key)
{
    auto const digits = from.take_value(key, sha256::digits);
    if (!digits || !signing::from_hex(*digits, sha256::digits / 2)) return errc::malformed;
    return std::string(*digits);
}

}  // namespace

bool is_name(std::string_view text) noexcept
{
    bool const shows = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
    return !text.empty() && text.size() <= manifest::longest_name && shows;
}

std::string manifest::text() const
{
    std::string out(first_line);
    out += "\ntarget " + target + "\nmodel " + model;
    out += "\nrelease " + std::to_string(release) + "\nfloor " + std::to_string(floor);
    out += "\nlength " + std::to_string(length) + "\nsha256 " + sha256 + '\n';
    return with_check(std::move(out));
}

result<manifest> manifest::parse(std::string_view octets)
{
    auto const text = without_check(octets);
    if (!text) return text.error();
    signing::line_reader in(*text);
    auto const head = in.take(first_line.size());
    if (!head || *head != first_line) return errc::malformed;
    auto target = take_name(in, "target");
    auto model = take_name(in, "model");
    auto const release = take_number(in, "release", highest_release);
    auto const floor = take_number(in, "floor", highest_release);
    auto const length = take_number(in, "length", largest);
    auto digest = take_digest(in, "sha256");
    if (!target || !model || !release || !floor || !length || !digest || !in.empty()) return errc::malformed;
    if (*release == 0 || *floor > *release) return errc::malformed;
    return manifest{std::move(*target), std::move(*model), *release, *floor, *length, std::move(*digest)};
}

}  // namespace tp::firmware
