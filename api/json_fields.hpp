#pragma once

#include <array>
#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/errors.hpp"
#include "base/time.hpp"

namespace tp::api {

inline constexpr unsigned highest_port = 65'535;

/// A word of the API, and what it stands for.
template <class T>
struct choice {
    std::string_view name;
    T value;
};

/// Words are compared in any case, as clients write them.
bool same_word(std::string_view a, std::string_view b) noexcept;

/// The (first) word for a value; empty if there is none.
template <class T, std::size_t Count>
std::string_view name_in(std::array<choice<T>, Count> const& choices, T value) noexcept
{
    for (auto const& each : choices)
        if (each.value == value) return each.name;
    return {};
}

/// Parses a body of at most the server's limit. The problem names what is wrong at pointer "".
checked<boost::json::value> parse_json(std::string const& body);
/// The same for a body that has to be one object.
checked<boost::json::object> parse_object(std::string const& body);

/// Reads the members of one JSON object. What is missing or of the wrong kind becomes a fault at its pointer, and the
/// getter answers none; a member that is absent or null answers none without a fault. Numbers may come as text, as the
/// Atlas API takes them.
class json_fields {
public:
    json_fields(boost::json::object const& object, std::string pointer, std::vector<fault>& faults)
        : object_(object), pointer_(std::move(pointer)), faults_(faults)
    {
    }

    boost::json::value const* find(std::string_view name) const;  // none for null, too
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most) const;
    std::optional<bool> flag(std::string_view name) const;
    std::optional<std::string> text(std::string_view name, std::size_t longest) const;
    std::optional<wall_time> time(std::string_view name) const;
    /// A list of texts, or one text with commas.
    std::vector<std::string> texts(std::string_view name, std::size_t most, std::size_t longest) const;

    // Into `out`, which stays as it is when the member is absent or wrong.

    template <class Number>
    void read(std::string_view name, std::int64_t least, std::int64_t most, Number& out) const
    {
        if (auto const value = integer(name, least, most)) out = static_cast<Number>(*value);
    }
    void read(std::string_view name, std::chrono::milliseconds least, std::chrono::milliseconds most,
              std::chrono::milliseconds& out) const
    {
        if (auto const value = integer(name, least.count(), most.count())) out = std::chrono::milliseconds(*value);
    }
    void read(std::string_view name, bool& out) const { out = flag(name).value_or(out); }
    template <class T, std::size_t Count>
    void read(std::string_view name, std::array<choice<T>, Count> const& choices, T& out) const
    {
        auto const word = text(name, longest_word);
        if (!word) return;
        for (auto const& each : choices)
            if (same_word(each.name, *word)) return void(out = each.value);
        complain(name, '"' + *word + "\" is not a valid choice.");
    }
    /// Text of visible ASCII characters, from `lowest` on.
    void read_visible(std::string_view name, std::size_t longest, std::string& out, char lowest = '!') const;

    void complain(std::string_view name, std::string detail) const;
    void missing(std::string_view name) const { complain(name, "This field is required."); }
    std::string pointer_to(std::string_view name) const { return pointer_ + '/' + std::string(name); }

private:
    static constexpr std::size_t longest_word = 32;

    boost::json::object const& object_;
    std::string pointer_;
    std::vector<fault>& faults_;
};

/// A whole number, as JSON number or as text of digits.
std::optional<std::int64_t> integer_of(boost::json::value const& value);

/// Texts with commas in between, trimmed; empty ones are dropped.
std::vector<std::string> split_list(std::string_view text);

/// No control characters but those that lay out a text.
bool is_plain_text(std::string_view text);

}  // namespace tp::api
