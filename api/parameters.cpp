#include "api/parameters.hpp"

#include <algorithm>
#include <cmath>

#include "api/json_fields.hpp"
#include "api/times.hpp"

namespace tp::api {
namespace {

using maybe_value = std::optional<store::condition_value>;

constexpr std::size_t most_listed = 2'000;  // in one filter

template <class Number>
std::optional<Number> number_in(std::string_view text)
{
    Number out = 0;
    auto const* const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, out);
    if (error != std::errc{} || end != last) return std::nullopt;
    return out;
}

maybe_value number_from(std::string_view text)
{
    auto const number = number_in<std::int64_t>(text);
    return number ? maybe_value(*number) : std::nullopt;
}

maybe_value numbers_from(std::string_view text)
{
    std::vector<std::int64_t> out;
    for (auto const& word : split_list(text)) {
        auto const number = number_in<std::int64_t>(word);
        if (!number || out.size() == most_listed) return std::nullopt;
        out.push_back(*number);
    }
    return maybe_value(std::move(out));
}

maybe_value real_from(std::string_view text)
{
    auto const number = number_in<double>(text);
    return number && std::isfinite(*number) ? maybe_value(*number) : std::nullopt;
}

maybe_value flag_from(std::string_view text)
{
    auto const flag = flag_named(text);
    return flag ? maybe_value(*flag) : std::nullopt;
}

maybe_value time_from(std::string_view text)
{
    // What is beyond our times is no limit, and clients use it so.
    if (auto const seconds = number_in<std::int64_t>(text))
        return maybe_value(std::clamp(*seconds, std::int64_t{0}, latest_time));
    auto const at = parse_time(text);
    return at ? maybe_value(to_unix_seconds(*at)) : std::nullopt;
}

maybe_value family_from(std::string_view text)
{
    return text == "4" || text == "6" ? number_from(text) : std::nullopt;
}

maybe_value address_from(std::string_view text)
{
    auto const address = parse_address(text);
    return address ? maybe_value(*address) : std::nullopt;
}

maybe_value text_from(std::string_view text)
{
    return maybe_value(std::string(text));
}

maybe_value texts_from(std::string_view text)
{
    return maybe_value(split_list(text));
}

struct reader {
    maybe_value (*read)(std::string_view text);
    char const* wanted;
};
/// In the order of value_kind.
constexpr std::array<reader, 8> readers{{{number_from, "A valid integer is required."},
                                         {real_from, "A valid number is required."},
                                         {flag_from, "Must be true or false."},
                                         {time_from, "Not a valid time: use unix seconds or ISO 8601."},
                                         {family_from, "Must be 4 or 6."},
                                         {address_from, "A valid IP address is required."},
                                         {text_from, ""},
                                         {texts_from, ""}}};
constexpr reader list_reader{numbers_from, "A list of valid integers is required."};

}  // namespace

std::optional<bool> flag_named(std::string_view text) noexcept
{
    if (same_word(text, "true") || text == "1") return true;
    if (same_word(text, "false") || text == "0") return false;
    return std::nullopt;
}

checked<std::optional<bool>> read_flag(http::request const& request, std::string_view name)
{
    auto const text = request.find(name);
    if (!text) return std::optional<bool>();
    auto const value = flag_named(*text);
    if (!value) return bad_parameter(std::string(name), "Must be true or false.");
    return value;
}

checked<store::condition_value> read_value(std::string const& name, std::string_view text, value_kind kind,
                                           store::comparison how)
{
    auto const& with = how == store::comparison::among ? list_reader : readers.at(static_cast<std::size_t>(kind));
    auto out = with.read(text);
    if (!out) return bad_parameter(name, with.wanted);
    return std::move(*out);
}

}  // namespace tp::api
