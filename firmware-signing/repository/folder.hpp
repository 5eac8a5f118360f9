#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/owned_fd.hpp"
#include "firmware-signing/repository/publication.hpp"

/// A repository in a folder, as a web server or a controller serves it: "metadata/2.targets.json",
/// "targets/MODEL/CHANNEL/HASH.NAME". Errors are told as people read them.
namespace tp::repository {

inline constexpr std::size_t most_files = 16'384;  // of metadata

class repository_folder {
public:
    explicit repository_folder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    struct loaded {
        metadata_files files;
        std::optional<std::string> complaint;
    };
    /// All metadata. A folder that is not there is an empty repository.
    loaded load() const;

    /// Nobody else writes here as long as this lives.
    class lock {
        friend class repository_folder;
        explicit lock(owned_fd fd) noexcept : fd_(std::move(fd)) {}
        owned_fd fd_;
    };
    /// Makes the folders if need be. Errors: errc::unavailable when somebody else writes; those of the system calls.
    result<lock> begin_writing() const;

    /// Puts a release's file where clients fetch it, from one of the files that were brought, unless it is there.
    /// Answers what is wrong.
    std::optional<std::string> put_target(std::string const& path, tuf::target_file const& facts,
                                          std::vector<std::filesystem::path> const& brought) const;
    /// Whether a target lies where clients fetch it, whole and right, and no larger than the platform takes it.
    std::optional<std::string> complaint_about_target(std::string const& path, tuf::target_file const& facts) const;

    /// The octets of a target that is there and right. Errors: those of the file and of the check.
    result<std::string> read_target(std::string const& path, tuf::target_file const& facts) const;

    /// Writes in order; each file is seen whole or not at all, and outlasts a power cut before the next is begun.
    std::optional<std::string> write(std::vector<file_write> const& writes) const;

private:
    std::filesystem::path metadata() const { return folder_ / "metadata"; }
    std::filesystem::path target(std::string const& path, tuf::target_file const& facts) const;
    std::filesystem::path folder_;
};

}  // namespace tp::repository
