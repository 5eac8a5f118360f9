// The reader of json.hpp: RFC 8259's grammar without fractions and exponents, and with limits.
#include <algorithm>
#include <charconv>

#include "firmware-signing/tuf/json.hpp"
#include "firmware-signing/tuf/refusal.hpp"
#include "firmware-signing/tuf/utf8.hpp"

namespace tp::tuf::json {

class reader {
public:
    explicit reader(std::string_view text) : rest_(text) {}

    result<document> read()
    {
        if (rest_.size() > largest) return refusal::too_large;
        out_.text_.reserve(rest_.size());
        if (auto const why = read_value(0)) return why;
        skip_blanks();
        if (!rest_.empty()) return refusal::malformed;
        return std::move(out_);
    }

private:
    error_code read_value(std::size_t depth);
    error_code read_array(std::size_t depth);
    error_code read_object(std::size_t depth);
    error_code read_member(std::size_t depth);
    error_code read_string();
    error_code read_escape();
    error_code read_unit(std::uint32_t& unit);
    error_code read_escaped_character();
    error_code read_integer();
    error_code read_word(std::string_view word, kind type);
    bool names_repeat(std::uint32_t at) const;

    /// Adds a node; its text, if it has one, is what is appended to text_ until it is closed.
    error_code open(kind type)
    {
        if (out_.nodes_.size() == most_values) return refusal::too_large;
        out_.nodes_.push_back({0, static_cast<std::uint32_t>(out_.text_.size()), 0, type});
        return {};
    }

    void close(std::size_t at)
    {
        auto& made = out_.nodes_[at];
        made.after = static_cast<std::uint32_t>(out_.nodes_.size());
        made.size = static_cast<std::uint32_t>(out_.text_.size()) - made.begin;
    }

    void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }

    bool take(char expected)
    {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::string_view rest_;
    document out_;
};

error_code reader::read_value(std::size_t depth)
{
    skip_blanks();
    if (rest_.empty()) return refusal::malformed;
    switch (rest_.front()) {
        case '{':
            return read_object(depth + 1);
        case '[':
            return read_array(depth + 1);
        case '"':
            return read_string();
        case 't':
            return read_word("true", kind::boolean);
        case 'f':
            return read_word("false", kind::boolean);
        case 'n':
            return read_word("null", kind::null);
        default:
            return read_integer();
    }
}

error_code reader::read_array(std::size_t depth)
{
    if (depth > deepest) return refusal::too_deep;
    auto const at = out_.nodes_.size();
    if (auto const why = open(kind::array)) return why;
    take('[');
    skip_blanks();
    if (!take(']')) {
        do {
            if (auto const why = read_value(depth)) return why;
            skip_blanks();
        } while (take(','));
        if (!take(']')) return refusal::malformed;
    }
    close(at);
    return {};
}

error_code reader::read_object(std::size_t depth)
{
    if (depth > deepest) return refusal::too_deep;
    auto const at = out_.nodes_.size();
    if (auto const why = open(kind::object)) return why;
    take('{');
    skip_blanks();
    if (!take('}')) {
        do {
            if (auto const why = read_member(depth)) return why;
            skip_blanks();
        } while (take(','));
        if (!take('}')) return refusal::malformed;
    }
    close(at);
    if (names_repeat(static_cast<std::uint32_t>(at))) return refusal::repeated_member;
    return {};
}

error_code reader::read_member(std::size_t depth)
{
    skip_blanks();
    if (!rest_.starts_with('"')) return refusal::malformed;
    if (auto const why = read_string()) return why;
    skip_blanks();
    if (!take(':')) return refusal::malformed;
    return read_value(depth);
}

bool reader::names_repeat(std::uint32_t at) const
{
    std::vector<std::string_view> names;
    for (auto name = at + 1; name < out_.nodes_[at].after; name = out_.nodes_[name + 1].after)
        names.push_back(out_.text_of(name));
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end();
}

error_code reader::read_string()
{
    auto const at = out_.nodes_.size();
    if (auto const why = open(kind::string)) return why;
    take('"');
    for (;;) {
        auto const plain = rest_.substr(0, rest_.find_first_of("\"\\"));
        if (plain.size() == rest_.size() || !is_text(plain)) return refusal::malformed;
        out_.text_ += plain;
        rest_.remove_prefix(plain.size());
        if (take('"')) break;
        if (auto const why = read_escape()) return why;
    }
    close(at);
    return {};
}

error_code reader::read_escape()
{
    constexpr std::string_view letters = R"("\/bfnrt)", meant = "\"\\/\b\f\n\r\t";
    rest_.remove_prefix(1);  // the backslash
    if (take('u')) return read_escaped_character();
    auto const which = rest_.empty() ? letters.npos : letters.find(rest_.front());
    if (which == letters.npos) return refusal::malformed;
    out_.text_ += meant[which];
    rest_.remove_prefix(1);
    return {};
}

/// Four hexadecimal digits.
error_code reader::read_unit(std::uint32_t& unit)
{
    auto const digits = rest_.substr(0, 4);
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    if (digits.size() != 4 || error != std::errc{} || end != digits.data() + 4) return refusal::malformed;
    rest_.remove_prefix(4);
    return {};
}

/// What follows `\u`: one unit of UTF-16, or a pair of surrogates. No lone surrogate and no NUL.
error_code reader::read_escaped_character()
{
    std::uint32_t high = 0, low = 0;
    if (auto const why = read_unit(high)) return why;
    if (high >= 0xd800 && high < 0xdc00) {
        if (!take('\\') || !take('u')) return refusal::malformed;
        if (auto const why = read_unit(low)) return why;
        if (low < 0xdc00 || low > 0xdfff) return refusal::malformed;
        append_utf8(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), out_.text_);
        return {};
    }
    if (high == 0 || (high >= 0xdc00 && high <= 0xdfff)) return refusal::malformed;
    append_utf8(high, out_.text_);
    return {};
}

/// Digits with one spelling: no sign but a minus, no leading zero, no minus zero, no more than 64 bits.
error_code reader::read_integer()
{
    bool const negative = rest_.starts_with('-');
    auto const digits = rest_.substr(negative ? 1 : 0);
    auto const count = std::min(digits.find_first_not_of("0123456789"), digits.size());
    bool const zero_first = digits.starts_with('0') && (count > 1 || negative);
    if (count == 0 || zero_first) return refusal::malformed;
    auto const spelled = rest_.substr(0, count + (negative ? 1 : 0));
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), number);
    if (error != std::errc{} || end != spelled.data() + spelled.size()) return refusal::malformed;
    rest_.remove_prefix(spelled.size());
    if (rest_.starts_with('.') || rest_.starts_with('e') || rest_.starts_with('E')) return refusal::malformed;
    auto const at = out_.nodes_.size();
    if (auto const why = open(kind::integer)) return why;
    out_.text_ += spelled;
    close(at);
    return {};
}

error_code reader::read_word(std::string_view word, kind type)
{
    if (!rest_.starts_with(word)) return refusal::malformed;
    rest_.remove_prefix(word.size());
    auto const at = out_.nodes_.size();
    if (auto const why = open(type)) return why;
    out_.text_ += word;
    close(at);
    return {};
}

result<document> document::read(std::string_view text)
{
    return reader(text).read();
}

}  // namespace tp::tuf::json
