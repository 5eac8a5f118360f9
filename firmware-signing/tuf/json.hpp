#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

/// JSON as far as it can be signed: the subset for which OLPC's canonical form is defined. Whole numbers only, no
/// member twice, well-formed UTF-8, one value and nothing after it. A text of this kind has one meaning.
namespace tp::tuf::json {

inline constexpr std::size_t largest = 5'000'000;    // octets of a text
inline constexpr std::size_t most_values = 300'000;  // in one text, names of members included
inline constexpr std::size_t deepest = 32;           // arrays and objects inside one another

enum class kind : std::uint8_t { null, boolean, integer, string, array, object };

class document;

/// A value in a document, which must live longer and stay where it is.
class value {
public:
    value(document const& in, std::uint32_t at) noexcept : in_(&in), at_(at) {}

    kind type() const noexcept;
    /// What a string says, without quotes and escapes. Nothing for anything but a string; likewise below.
    std::optional<std::string_view> text() const noexcept;
    std::optional<std::int64_t> integer() const noexcept;
    std::optional<bool> boolean() const noexcept;
    /// The values of an array, in their order. Empty for anything but an array.
    std::vector<value> items() const;
    /// The members of an object, in the order of the text. Empty for anything but an object.
    std::vector<std::pair<std::string_view, value>> members() const;
    std::optional<value> member(std::string_view name) const noexcept;

    /// The form that is hashed and signed: members in the order of their names' octets, no blanks, and no escapes but
    /// `\"` and `\\`. Source: http://wiki.laptop.org/go/Canonical_JSON.
    std::string canonical() const;

private:
    void write(std::string& to) const;
    void write_members(std::string& to) const;
    document const* in_;
    std::uint32_t at_;
};

/// One text, read. Keeps what it says, not the text itself.
class document {
public:
    /// Errors: refusal::malformed, too_large, too_deep, repeated_member.
    static result<document> read(std::string_view text);

    value root() const noexcept { return {*this, 0}; }

private:
    friend class value;
    friend class reader;

    /// A value and all that it holds are the nodes [its own, `after`). Members are a string, the name, and a value.
    struct node {
        std::uint32_t after;
        std::uint32_t begin, size;  // of its text in text_: what a string says, the digits of a number, "true"
        kind type;
    };

    std::string_view text_of(std::uint32_t at) const noexcept
    {
        return std::string_view(text_).substr(nodes_[at].begin, nodes_[at].size);
    }

    std::string text_;
    std::vector<node> nodes_;
};

}  // namespace tp::tuf::json
