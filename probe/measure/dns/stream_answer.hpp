#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "proto/findings.hpp"

namespace tp::probe {

/// A message as it travels in a stream: after its length in two octets. RFC 1035, section 4.2.2.
std::string framed(std::string_view message);

/// The answer of a stream as it comes in, in whatever pieces. What follows it is not looked at: one question was asked.
class stream_answer {
public:
    enum class state : std::uint8_t { partial, whole, broken };

    /// `broken`: error() says why. Then, and once the message is whole, further octets are passed over.
    state add(std::string_view octets);
    /// The stream ended, or failed with `why`, before the message was whole.
    void cut_short(error_code why);

    std::span<std::uint8_t const> message() const noexcept;
    /// As proto::dns_exchange names it.
    std::string const& error_name() const noexcept { return error_name_; }
    std::string const& error_text() const noexcept { return error_text_; }

private:
    std::string got_;  // with the length
    std::string error_name_, error_text_;
};

/// Enters the answer to a query with this id, or that it is none.
void put_stream_answer(proto::dns_exchange& to, std::span<std::uint8_t const> message, std::uint16_t id,
                       proto::dns_options const& options);

}  // namespace tp::probe
