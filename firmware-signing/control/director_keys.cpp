#include "firmware-signing/control/director_keys.hpp"

#include "firmware-signing/control/ordered_lines.hpp"

namespace tp::control {
namespace {

constexpr std::string_view start = "key ";
constexpr std::size_t longest_line = 128;  // octets

}  // namespace

result<signing::public_key> read_director_key(std::string_view line)
{
    if (!line.starts_with(start)) return signing::refusal::malformed;
    return signing::public_key::parse(line.substr(start.size()));
}

result<std::vector<signing::public_key>> read_director_keys(std::string_view content)
{
    auto keys = read_ordered_lines<signing::public_key>(
        content, longest_line, most_director_keys, read_director_key,
        [](auto const& one, auto const& next) { return one.text() < next.text(); });
    if (keys && keys->empty()) return signing::refusal::malformed;
    return keys;
}

}  // namespace tp::control
