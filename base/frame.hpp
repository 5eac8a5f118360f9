#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp {

/// Octets in front of each frame: its length, 32 bits, big endian.
inline constexpr std::size_t frame_header_size = 4;

std::array<char, frame_header_size> frame_header(std::uint32_t length) noexcept;

/// Header and body in one. @pre the body is shorter than 2^32 octets.
std::string encode_frame(std::string_view body);

/// Cuts a stream of octets into frames, however the octets come in pieces. Keeps no more memory than has arrived.
class frame_reader {
public:
    explicit frame_reader(std::size_t largest) noexcept : largest_(largest) {}

    /// Errors: errc::too_large for a frame beyond the limit; from then on every call says so, and takes nothing.
    result<void> feed(std::string_view octets);

    /// The oldest whole frame, if there is one.
    std::optional<std::string> take();

    /// Octets in whole frames that wait to be taken.
    std::size_t waiting() const noexcept { return waiting_; }
    bool empty() const noexcept { return ready_.empty(); }
    /// The stream stopped in the midst of a frame.
    bool in_midst() const noexcept { return header_filled_ > 0; }
    void clear() noexcept;

private:
    std::size_t feed_header(std::string_view octets);
    std::size_t feed_body(std::string_view octets);

    std::size_t largest_;
    std::size_t waiting_ = 0;
    std::deque<std::string> ready_;
    std::string body_;
    std::array<unsigned char, frame_header_size> header_{};
    std::uint32_t length_ = 0;
    std::uint8_t header_filled_ = 0;
    bool too_large_ = false;
};

}  // namespace tp
