#include "registry/regions.hpp"

#include <algorithm>

namespace tp::registry {
namespace {

std::string_view next_word(std::string_view& text)
{
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    auto const word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}

bool is_country(std::string_view word)
{
    return word.size() == 2 && std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

result<void> regions::add(std::string_view text)
{
    std::string const name(next_word(text));
    if (name.empty()) return errc::malformed;
    for (auto country = next_word(text); !country.empty(); country = next_word(text)) {
        if (!is_country(country)) return errc::malformed;
        if (!by_country_.emplace(country, name).second) return errc::conflict;
    }
    return {};
}

std::string regions::of(std::string const& country) const
{
    auto const found = by_country_.find(country);
    return found == by_country_.end() ? std::string() : found->second;
}

}  // namespace tp::registry
