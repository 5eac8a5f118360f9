#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tp::tuf {

/// Whether a path is one of those that a pattern describes, as glob(7) has it: `*`, `?` and `[...]` stand for
/// characters, and none of them for a "/". A leading dot is nothing special, and a backslash stands for itself.
bool matches(std::string_view pattern, std::string_view path);

/// Which targets a role is trusted with. Of the two lists one at most is filled; with none, the role has no targets.
struct path_set {
    std::vector<std::string> patterns;
    std::vector<std::string> hash_prefixes;  // first digits of the SHA-256 of a path, in lower case

    bool covers(std::string_view path) const;
};

}  // namespace tp::tuf
