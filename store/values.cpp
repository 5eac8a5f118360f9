#include <algorithm>
#include <charconv>
#include <cstdio>

#include "store/pool.hpp"

namespace tp::store {
namespace {

/// An array literal: every text quoted, backslashes and quotes escaped. It travels as a parameter, never inside SQL.
std::string array_literal(std::vector<std::string> const& values)
{
    std::string out = "{";
    for (auto const& value : values) {
        if (out.size() > 1) out += ',';
        out += '"';
        for (char const c : value) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    return out += '}';
}

template <class Number>
std::string array_literal(std::vector<Number> const& values)
{
    std::string out = "{";
    for (auto const value : values) {
        if (out.size() > 1) out += ',';
        out += std::to_string(value);
    }
    return out += '}';
}

/// Texts of a PostgreSQL array literal.
std::vector<std::string> parse_array(std::string_view literal)
{
    std::vector<std::string> out;
    if (literal.size() < 2 || literal == "{}") return out;
    std::string current;
    bool quoted = false;
    for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
        char const c = literal[i];
        if (c == '\\' && i + 2 < literal.size())
            current += literal[++i];
        else if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted)
            out.push_back(std::exchange(current, {}));
        else
            current += c;
    }
    out.push_back(std::move(current));
    return out;
}

}  // namespace

void parameters::push(std::optional<std::string> value, bool binary)
{
    // PostgreSQL knows no NUL in text, and libpq would stop at one.
    if (value && !binary) std::replace(value->begin(), value->end(), '\0', ' ');
    values_.push_back(std::move(value));
    formats_.push_back(binary ? 1 : 0);
}

void parameters::add(double value)
{
    char text[40];
    auto const [end, error] = std::to_chars(text, text + sizeof text, value);
    push(std::string(text, error == std::errc{} ? end : text), false);
}

void parameters::add(wall_time at)
{
    // Microseconds since 1970; SQL turns them into timestamptz with moment($n).
    push(std::to_string(std::chrono::floor<std::chrono::microseconds>(at.time_since_epoch()).count()), false);
}

void parameters::add(std::vector<std::int32_t> const& values)
{
    push(array_literal(values), false);
}

void parameters::add(std::vector<std::int64_t> const& values)
{
    push(array_literal(values), false);
}

void parameters::add(std::vector<std::string> const& values)
{
    push(array_literal(values), false);
}

std::uint64_t rows::affected() const
{
    if (!answer_) return 0;
    std::string_view const text = PQcmdTuples(const_cast<PGresult*>(answer_.get()));
    std::uint64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

std::string rows::text(int row, int column) const
{
    return {PQgetvalue(answer_.get(), row, column), static_cast<std::size_t>(PQgetlength(answer_.get(), row, column))};
}

std::int64_t rows::integer(int row, int column) const
{
    auto const* const begin = PQgetvalue(answer_.get(), row, column);
    std::int64_t value = 0;
    std::from_chars(begin, begin + PQgetlength(answer_.get(), row, column), value);
    return value;
}

double rows::real(int row, int column) const
{
    auto const* const begin = PQgetvalue(answer_.get(), row, column);
    double value = 0;
    std::from_chars(begin, begin + PQgetlength(answer_.get(), row, column), value);
    return value;
}

wall_time rows::time(int row, int column) const
{
    return wall_time(std::chrono::microseconds(integer(row, column)));
}

std::string rows::octets(int row, int column) const
{
    std::string const hex = text(row, column);  // "\x0a1b..."
    std::string out;
    out.reserve(hex.size() / 2);
    for (std::size_t i = 2; i + 1 < hex.size(); i += 2) {
        unsigned value = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
        out.push_back(static_cast<char>(value));
    }
    return out;
}

std::vector<std::string> rows::texts(int row, int column) const
{
    if (null(row, column)) return {};
    return parse_array(text(row, column));
}

std::optional<std::string> rows::optional_text(int row, int column) const
{
    if (null(row, column)) return std::nullopt;
    return text(row, column);
}

std::optional<std::int64_t> rows::optional_integer(int row, int column) const
{
    if (null(row, column)) return std::nullopt;
    return integer(row, column);
}

std::optional<wall_time> rows::optional_time(int row, int column) const
{
    if (null(row, column)) return std::nullopt;
    return time(row, column);
}

std::optional<double> rows::optional_real(int row, int column) const
{
    if (null(row, column)) return std::nullopt;
    return real(row, column);
}

}  // namespace tp::store
