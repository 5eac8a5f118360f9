#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_prefix.hpp"

/// Address blocks whose holders asked to be left alone, as every probe is told them: a document_part of this name.
/// Nobody signs it, as it can only make a probe refuse more.
namespace tp::proto {

inline constexpr std::string_view blocks_document = "blocks";

struct block_list {
    static constexpr std::size_t most = 10'000;  // prefixes

    std::uint64_t version = 0;
    std::vector<ip_prefix> prefixes;
    bool operator==(block_list const&) const = default;
};

/// "trigpoint blocks 7", then a prefix a line. @pre at most block_list::most prefixes.
std::string encode_blocks(block_list const& list);

/// Errors: errc::malformed, for whatever encode_blocks() would not write; errc::too_large beyond block_list::most.
result<block_list> decode_blocks(std::string_view text);

}  // namespace tp::proto
