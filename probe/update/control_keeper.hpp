#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "firmware-signing/control/contents.hpp"
#include "firmware-signing/tuf/client.hpp"

namespace tp::update {

/// What officers tell all probes besides programs: fetched when it has changed, kept on the disk, and put to use. What
/// is in force stays so while nobody can be asked, or while its role has expired: only officers take it back, by a
/// signed list of targets without it. Each content lies in a folder named by its hash, beside the one that was in force
/// before it, until what is in force now is remembered.
class control_keeper {
public:
    /// Puts a content to use; none: it was taken back. Errors: it is not what its name promises.
    using use = std::function<result<void>(control::content which, std::optional<std::string_view> octets)>;
    /// name -> SHA-256, hexadecimal digits
    using hashes = std::map<std::string, std::string, std::less<>>;

    control_keeper(std::filesystem::path folder, use with) : folder_(std::move(folder)), use_(std::move(with)) {}

    /// Takes up what was in force, as far as the files are still what they were.
    void restore(hashes const& accepted);
    /// @pre an update of the client did well. Errors: the first one, when something is not known; what was in force
    /// then stays, and all others are looked at.
    boost::asio::awaitable<result<void>> refresh(tuf::client& from);

    hashes const& in_force() const noexcept { return in_force_; }
    /// Removes what is neither in force nor wanted. @pre what is in force is remembered, for restore().
    void tidy() const;

private:
    boost::asio::awaitable<result<void>> refresh_one(tuf::client& from, control::content which);
    result<void> restore_one(control::content which, std::string const& hash);
    boost::asio::awaitable<result<std::filesystem::path>> fetch(tuf::client& from, tuf::described_target what);
    std::filesystem::path file_of(control::content which, std::string const& hash) const;
    std::filesystem::path former_file_of(control::content which) const;
    result<void> put_to_use(control::content which, std::filesystem::path const& file, std::string const& hash);
    void take_back(control::content which);

    std::filesystem::path folder_;
    use use_;
    hashes in_force_;
    hashes wanted_;  // what was signed last, whether it could be fetched and used or not
};

}  // namespace tp::update
