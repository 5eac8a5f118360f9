#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

/// The small pieces of text of which envelopes and anchor lists are made. Each value has one spelling.
namespace tp::signing {

/// Cuts a text into lines. Every line ends with one line feed, the last too.
class line_reader {
public:
    explicit line_reader(std::string_view text) noexcept : rest_(text) {}

    bool empty() const noexcept { return rest_.empty(); }
    std::string_view rest() const noexcept { return rest_; }
    /// The next line without its end. Errors: refusal::malformed when it has none within `longest` octets.
    result<std::string_view> take(std::size_t longest);
    /// The next line if it is "KEY VALUE": the value. Errors: refusal::malformed.
    result<std::string_view> take_value(std::string_view key, std::size_t longest);
    void skip(std::size_t octets) noexcept { rest_.remove_prefix(octets); }

private:
    std::string_view rest_;
};

/// Cuts off what stands before the next blank, and the blank; all if there is none.
std::string_view take_word(std::string_view& text) noexcept;

/// Decimal digits without sign or leading zeros. Errors: refusal::malformed; also for a number above `most`.
result<std::uint64_t> read_number(std::string_view text, std::uint64_t most);

/// Well-formed UTF-8 in which everything shows: nothing that moves a cursor, is invisible, or turns the direction of
/// writing. So what a person reads before signing is what is there, and no line of a log can be forged.
bool is_plain_text(std::string_view text) noexcept;

/// A host name in lower case, without a dot at its end (RFC 1123, section 2.1). Digits and dots may be one, too.
bool is_host_name(std::string_view text) noexcept;

/// Lower-case hexadecimal digits.
std::string to_hex(std::string_view octets);
/// Errors: refusal::malformed for anything but `octets` octets in lower-case digits.
result<std::string> from_hex(std::string_view text, std::size_t octets);

}  // namespace tp::signing
