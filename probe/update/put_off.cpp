#include "probe/update/put_off.hpp"

#include <charconv>

#include "base/files.hpp"
#include "firmware-signing/lines.hpp"

namespace tp::update {
namespace {

constexpr std::size_t largest_file = 32;  // octets
constexpr unsigned private_file = 0600;
constexpr std::uint64_t latest = 9'000'000'000;  // seconds, far from what nanoseconds can count

std::filesystem::path file_in(std::filesystem::path const& folder)
{
    return folder / "put-off";
}

}  // namespace

result<std::chrono::seconds> parse_length(std::string_view text)
{
    std::uint32_t count = 0;
    auto const* const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, count);
    if (error == std::errc::result_out_of_range) return errc::out_of_range;
    std::string_view const unit(end, static_cast<std::size_t>(last - end));
    if (error != std::errc{} || unit.size() != 1) return errc::malformed;
    constexpr std::string_view units = "smhd";
    constexpr std::int64_t seconds[] = {1, 60, 3'600, 86'400};
    auto const found = units.find(unit.front());
    if (found == units.npos) return errc::malformed;
    std::chrono::seconds const out(count * seconds[found]);
    if (out > longest_put_off) return errc::out_of_range;
    return out;
}

wall_time load_put_off(std::filesystem::path const& folder)
{
    auto const text = read_file(file_in(folder), largest_file);
    if (!text || !text->ends_with('\n')) return {};
    auto const seconds = signing::read_number(std::string_view(*text).substr(0, text->size() - 1), latest);
    return seconds ? from_unix_seconds(static_cast<std::int64_t>(*seconds)) : wall_time();
}

result<void> save_put_off(std::filesystem::path const& folder, wall_time until)
{
    error_code ec;
    std::filesystem::create_directories(folder, ec);
    if (ec) return ec;
    return write_atomically(file_in(folder), std::to_string(to_unix_seconds(until)) + '\n', private_file);
}

}  // namespace tp::update
