#include "tests/lab/measure/words.hpp"

#include <charconv>
#include <limits>
#include <stdexcept>

namespace tp::lab {
namespace {

[[noreturn]] void complain(std::string_view name, std::string_view what)
{
    throw std::runtime_error(std::string(name) + ": " + std::string(what));
}

}  // namespace

words::words(std::vector<std::string_view> const& all)
{
    for (auto const one : all) {
        auto const end = one.find('=');
        if (end == one.npos) complain(one, "not name=value");
        said_.emplace(one.substr(0, end), one.substr(end + 1));
    }
}

void words::read(std::string_view name, std::string& value)
{
    if (auto text = take(name)) value = std::move(*text);
}

void words::read(std::string_view name, unsigned& value)
{
    if (auto const text = take(name)) value = number(name, *text, std::numeric_limits<unsigned>::max());
}

void words::read(std::string_view name, std::uint16_t& value)
{
    auto const text = take(name);
    if (text) value = static_cast<std::uint16_t>(number(name, *text, std::numeric_limits<std::uint16_t>::max()));
}

void words::read(std::string_view name, bool& value)
{
    auto const text = take(name);
    if (!text) return;
    if (*text != "true" && *text != "false") complain(name, "neither true nor false");
    value = *text == "true";
}

void words::read(std::string_view name, std::chrono::milliseconds& value)
{
    if (auto const text = take(name)) value = std::chrono::milliseconds(number(name, *text, 86'400'000));
}

std::vector<std::string> words::all(std::string_view name)
{
    std::vector<std::string> out;
    while (auto one = take(name)) out.push_back(std::move(*one));
    return out;
}

void words::check_all_read() const
{
    if (!said_.empty()) complain(said_.begin()->first, "unknown here, or said twice");
}

std::optional<std::string> words::take(std::string_view name)
{
    auto const found = said_.find(std::string(name));
    if (found == said_.end()) return std::nullopt;
    auto out = std::move(found->second);
    said_.erase(found);
    return out;
}

unsigned words::number(std::string_view name, std::string const& text, unsigned most) const
{
    unsigned value = 0;
    auto const* const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, value);
    if (error != std::errc{} || end != last || value > most) complain(name, "not a number, or too large");
    return value;
}

}  // namespace tp::lab
