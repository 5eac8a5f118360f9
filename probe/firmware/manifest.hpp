#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp::firmware {

/// What one slot holds: kept beside the program, so that it can be held against it at each start.
struct manifest {
    static constexpr std::size_t longest_name = 256;             // octets of target and model, each
    static constexpr std::uint64_t largest = 256 * 1024 * 1024;  // octets of a program
    static constexpr std::uint64_t highest_release = 1'000'000'000'000;

    std::string target;         // its path in the repository, or "host/RELEASE": its host installed it
    std::string model;          // that it is made for
    std::uint64_t release = 1;  // rises with each one
    std::uint64_t floor = 0;    // the lowest release that may run once this one is committed; not above `release`
    std::uint64_t length = 0;   // octets of the program
    std::string sha256;         // lower-case hexadecimal digits

    bool operator==(manifest const&) const = default;

    std::string text() const;
    /// Errors: errc::malformed.
    static result<manifest> parse(std::string_view octets);
};

/// A name that fits on a line: not empty, nothing but what shows, no blanks, within manifest::longest_name.
bool is_name(std::string_view text) noexcept;

}  // namespace tp::firmware
