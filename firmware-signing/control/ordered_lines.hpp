#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "firmware-signing/lines.hpp"
#include "firmware-signing/refusal.hpp"

namespace tp::control {

/// Reads lines into values, each of which must be above the one before it.
/// @param read  a line without its end -> result<T>
/// @param below whether one value stands before another
/// Errors: those of `read`; refusal::malformed for a line without an end, or out of order; refusal::too_large for more
/// than `most` lines.
template <class T, class Read, class Below>
result<std::vector<T>> read_ordered_lines(std::string_view content, std::size_t longest, std::size_t most, Read read,
                                          Below below)
{
    std::vector<T> out;
    for (signing::line_reader from(content); !from.empty();) {
        auto const line = from.take(longest);
        if (!line) return line.error();
        if (out.size() == most) return signing::refusal::too_large;
        auto value = read(*line);
        if (!value) return value.error();
        if (!out.empty() && !below(out.back(), *value)) return signing::refusal::malformed;
        out.push_back(std::move(*value));
    }
    return out;
}

}  // namespace tp::control
