#pragma once

#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/errors.hpp"
#include "api/http/request.hpp"
#include "store/conditions.hpp"

/// Parameters of a query. One that is absent or empty says nothing.
namespace tp::api {

/// The number that a parameter holds, into `out`, which stays as it is when the parameter is absent. False: no number.
template <class Number>
bool read_number(http::request const& request, std::string_view name, std::optional<Number>& out)
{
    auto const text = request.find(name);
    if (!text) return true;
    Number value = 0;
    auto const* const last = text->data() + text->size();
    auto const [end, error] = std::from_chars(text->data(), last, value);
    if (error != std::errc{} || end != last) return false;
    out = value;
    return true;
}

/// "true", "false", "1" or "0", in any case: Python's clients write True.
std::optional<bool> flag_named(std::string_view text) noexcept;

/// The flag that a parameter holds. The problem names the parameter.
checked<std::optional<bool>> read_flag(http::request const& request, std::string_view name);

/// What the text of a filter is read as. A time becomes its unix seconds, a family 4 or 6.
enum class value_kind { number, real, flag, time, family, address, text, texts };

/// What may follow the name of a filter: "start_time__gt".
struct filter_form {
    std::string_view suffix;
    store::comparison how;
};
namespace forms {
using enum store::comparison;
inline constexpr std::array<filter_form, 1> plain{{{"", equal}}};
inline constexpr std::array<filter_form, 4> compared{
    {{"__lt", less}, {"__lte", at_most}, {"__gt", more}, {"__gte", at_least}}};
inline constexpr std::array<filter_form, 5> ordered{
    {{"", equal}, {"__lt", less}, {"__lte", at_most}, {"__gt", more}, {"__gte", at_least}}};
inline constexpr std::array<filter_form, 4> worded{
    {{"", equal}, {"__contains", contains}, {"__startswith", begins}, {"__endswith", ends}}};
inline constexpr std::array<filter_form, 2> listed{{{"", equal}, {"__in", among}}};
inline constexpr std::array<filter_form, 1> searched{{{"", mentions}}};
inline constexpr std::array<filter_form, 1> all_of{{{"", holds}}};
}  // namespace forms

/// One row of a list's table of filters.
template <class Column>
struct filter_row {
    std::string_view name;
    Column column;
    value_kind kind;
    std::span<filter_form const> forms;
};

/// The text as the value of a condition. The problem names the parameter.
checked<store::condition_value> read_value(std::string const& name, std::string_view text, value_kind kind,
                                           store::comparison how);

/// What a request asks of a list, by its table. What the table does not have is ignored.
template <class Column, std::size_t Count>
checked<std::vector<store::condition<Column>>> read_conditions(http::request const& request,
                                                               std::array<filter_row<Column>, Count> const& table)
{
    std::vector<store::condition<Column>> out;
    for (auto const& row : table) {
        for (auto const& form : row.forms) {
            auto const name = std::string(row.name) + std::string(form.suffix);
            auto const text = request.find(name);
            if (!text) continue;
            auto value = read_value(name, *text, row.kind, form.how);
            if (!value) return value.error();
            out.push_back({row.column, form.how, std::move(*value)});
        }
    }
    return out;
}

}  // namespace tp::api
