#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// The lines at the head of an HTTP answer, one at a time and without I/O. Lenient where it cannot hurt: a measurement
/// tells what servers say. Words of complaint are Atlas's.
namespace tp::probe {

struct status_line {
    unsigned major = 0, minor = 0, code = 0;
};

/// A status line, without its line end; or what is wrong: "bad prefix".
struct status_line_or_complaint {
    std::optional<status_line> line;
    std::string_view wrong;
};
status_line_or_complaint parse_status_line(std::string_view line);

/// How long the body is to be, as the header lines tell. Source: RFC 9112, section 6.3. Lines about anything else, and
/// lines that are no header lines at all, are passed over.
class body_framing {
public:
    /// @param line  unfolded, without its line end. Returns what is wrong with it: "malformed content-length".
    std::optional<std::string_view> take(std::string_view line);

    bool chunked() const noexcept { return chunked_; }
    /// Octets. None: until the connection closes, unless it is chunked.
    std::optional<std::uint64_t> length() const noexcept { return coded_ ? std::nullopt : length_; }

private:
    std::optional<std::string_view> take_length(std::string_view value);

    bool chunked_ = false, coded_ = false;  // coded_: a transfer coding makes any length void
    std::optional<std::uint64_t> length_;
};

/// The size in a chunk's first line, without its line end; extensions are passed over. Nothing: it is no size.
std::optional<std::uint64_t> parse_chunk_size(std::string_view line);

}  // namespace tp::probe
