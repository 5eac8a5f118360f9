#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "proto/messages.hpp"

/// What stands in the probe's files, all numbers big endian: a record is its length (32 bits), the CRC-32C of the rest
/// (32 bits), and the rest.
namespace tp::probe {

inline constexpr std::size_t record_head = 8;              // octets
inline constexpr std::size_t largest_record = 128 * 1024;  // octets of the rest

/// Octets into a record.
std::string frame_record(std::string_view body);

struct framed {
    enum class kind {
        whole,
        torn,     // the octets end within it
        damaged,  // the length is impossible or the check does not hold
    };
    kind is = kind::torn;
    std::string_view body;     // whole: points into the octets that were read
    std::size_t consumed = 0;  // whole: octets with the head
};
/// The record that the octets begin with.
framed read_record(std::string_view octets);

/// A result as the rest of a record, and back: measurement, timestamp, sequence, kind, report. Nothing: malformed.
std::string encode_result(proto::result_item const& item);
std::optional<proto::result_item> decode_result(std::string_view body);

/// Big-endian numbers.
void put_number(std::string& out, std::uint64_t value, unsigned octets);
std::uint64_t get_number(std::string_view octets);

}  // namespace tp::probe
