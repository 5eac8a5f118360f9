#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// Numbers in network order, and the sum under the Internet's checksums.
namespace tp::probe {

using octets_view = std::span<std::uint8_t const>;

inline std::uint16_t get16(octets_view octets, std::size_t at) noexcept
{
    return static_cast<std::uint16_t>(octets[at] << 8 | octets[at + 1]);
}

inline std::uint32_t get32(octets_view octets, std::size_t at) noexcept
{
    return static_cast<std::uint32_t>(get16(octets, at)) << 16 | get16(octets, at + 2);
}

inline void put16(std::span<std::uint8_t> octets, std::size_t at, std::uint16_t value) noexcept
{
    octets[at] = static_cast<std::uint8_t>(value >> 8);
    octets[at + 1] = static_cast<std::uint8_t>(value);
}

inline void put32(std::span<std::uint8_t> octets, std::size_t at, std::uint32_t value) noexcept
{
    put16(octets, at, static_cast<std::uint16_t>(value >> 16));
    put16(octets, at + 2, static_cast<std::uint16_t>(value));
}

/// A one's complement sum of 16-bit words, RFC 1071. Each part begins at an even octet.
class word_sum {
public:
    void add(octets_view part) noexcept
    {
        for (std::size_t i = 0; i + 1 < part.size(); i += 2) sum_ += get16(part, i);
        if (part.size() % 2 != 0) sum_ += static_cast<std::uint64_t>(part.back()) << 8;
    }
    void add(std::uint64_t number) noexcept { sum_ += number; }

    std::uint16_t folded() const noexcept
    {
        auto out = sum_;
        while (out >> 16 != 0) out = (out & 0xffff) + (out >> 16);
        return static_cast<std::uint16_t>(out);
    }
    std::uint16_t checksum() const noexcept { return static_cast<std::uint16_t>(~folded()); }
    /// The word to add so that the checksum becomes `wanted`.
    std::uint16_t filler_for(std::uint16_t wanted) const noexcept
    {
        word_sum rest;
        rest.add(static_cast<std::uint16_t>(~wanted));
        rest.add(checksum());
        return rest.folded();
    }

private:
    std::uint64_t sum_ = 0;
};

}  // namespace tp::probe
