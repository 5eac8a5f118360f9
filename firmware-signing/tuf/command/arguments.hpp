#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tp::tuf {

/// What the command is asked to do.
struct arguments {
    std::string verb;  // "init", "refresh" or "download"
    std::string metadata_dir, metadata_url, target_dir, target_base_url;
    std::vector<std::string> target_names;
    std::string root;  // the operand of "init"

    /// Whether all is there that the verb needs; else what is missing.
    std::optional<std::string> complaint() const;
};

extern std::string_view const usage;

/// Errors: errc::malformed for an unknown option, an option without value, or too many operands.
result<arguments> read_arguments(std::vector<std::string> const& words);

}  // namespace tp::tuf
