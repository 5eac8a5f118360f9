#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp::tuf {

/// Where trusted metadata is kept. See the steps for what each call promises.
class metadata_store {
public:
    metadata_store() = default;
    metadata_store(metadata_store const&) = delete;
    metadata_store& operator=(metadata_store const&) = delete;
    virtual ~metadata_store() = default;

    /// Errors: errc::not_found, errc::too_large; those of the system calls.
    virtual result<std::string> load(std::string const& file, std::uint64_t most) = 0;
    /// Errors: those of the system calls; what was kept before is then still kept.
    virtual result<void> save(std::string const& file, std::string_view octets) = 0;
    /// It is no error if there is none. Errors: those of the system calls.
    virtual result<void> forget(std::string const& file) = 0;
};

/// A folder with "root.json", "timestamp.json", "snapshot.json", "targets.json" and one "ROLE.json" for each delegated
/// role that was needed: the octets that came from the repository.
class metadata_folder final : public metadata_store {
public:
    explicit metadata_folder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    result<std::string> load(std::string const& file, std::uint64_t most) override;
    result<void> save(std::string const& file, std::string_view octets) override;
    result<void> forget(std::string const& file) override;

private:
    std::filesystem::path folder_;
};

/// Puts the root to begin with into a folder that has none yet; the folder is made if need be. The same root again is
/// no error. Errors: those of check_first_root(); errc::conflict when there is another root; those of the system calls.
result<void> begin_with(std::filesystem::path const& folder, std::string_view root_octets);

}  // namespace tp::tuf
