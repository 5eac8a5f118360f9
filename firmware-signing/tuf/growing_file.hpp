#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.hpp"
#include "base/owned_fd.hpp"
#include "firmware-signing/tuf/metadata.hpp"

namespace tp::tuf {

/// Whether a file holds a target's octets. Errors: those of octets_check and of the system calls.
result<void> check_file(std::filesystem::path const& file, target_file const& facts);

/// A target that grows, hidden, beside the place where it is to be seen. What has come stays when the update stops, and
/// the next one goes on from there: its name is the target's hash.
class growing_file {
public:
    /// Takes up what is there of the target. Errors: those of the system calls.
    static result<growing_file> open(std::filesystem::path const& folder, target_file const& facts);

    /// Octets that are there.
    std::uint64_t size() const noexcept { return check_.taken(); }
    /// Throws away what is there. Errors: those of the system calls.
    result<void> restart();
    /// Errors: refusal::wrong_length beyond the target's; refusal::unknown_hash; those of the system calls.
    result<void> append(std::string_view octets);
    /// Shows the target, if it is whole and right, under its name; what was there before is replaced at once or not at
    /// all. Otherwise nothing is shown; octets of the right number that are wrong are thrown away, too few are kept.
    /// Errors: those of octets_check and of the system calls.
    result<void> finish(std::filesystem::path const& shown);

private:
    growing_file(owned_fd fd, std::filesystem::path path, target_file facts);
    result<void> take_up();

    owned_fd fd_;
    std::filesystem::path path_;
    target_file facts_;
    octets_check check_;
};

}  // namespace tp::tuf
