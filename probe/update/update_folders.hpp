#pragma once

#include <filesystem>
#include <string>

#include "probe/firmware/sha256.hpp"

/// What lies where in the folder of updates.
namespace tp::update {

/// A release, as far as it was fetched.
inline std::filesystem::path downloads_in(std::filesystem::path const& folder)
{
    return folder / "downloads";
}

/// What officers tell all probes.
inline std::filesystem::path control_in(std::filesystem::path const& folder)
{
    return folder / "control";
}

/// Trusted metadata. Another root to begin with is another repository.
inline std::filesystem::path metadata_in(std::filesystem::path const& folder, std::string const& first_root)
{
    constexpr std::size_t digits_of_name = 16;  // of the root's hash
    return folder / ("metadata-" + firmware::sha256_hex(first_root).substr(0, digits_of_name));
}

}  // namespace tp::update
