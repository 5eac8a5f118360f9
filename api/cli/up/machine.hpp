#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/up/process.hpp"
#include "base/ip_prefix.hpp"
#include "base/owned_fd.hpp"

/// What `trigpoint up` asks of the machine on which it runs.
namespace tp::cli {

/// The folder in which our own executable lies. Errors: those of readlink(2).
result<std::filesystem::path> program_folder();

/// Addresses of this machine that others may dial: no loopback, no link-local ones; IPv4 first.
std::vector<ip_address> own_addresses();
/// Whether a socket of IPv6 can be had.
bool has_ipv6();

/// Why nobody could listen there now (address_in_use, access_denied, ...); no error if one could.
error_code try_to_listen(ip_address const& address, std::uint16_t port);

/// A user of this machine. Errors: errc::not_found.
result<identity> find_user(std::string const& name);
/// The name of the user that we run as. Errors: errc::not_found for one without an entry in passwd.
result<std::string> own_name();

struct postgres_programs {
    std::filesystem::path folder;
    int version = 0;
};
/// Debian's /usr/lib/postgresql/VERSION/bin, then the folders of $PATH; those that hold postgres and initdb.
std::vector<postgres_programs> installed_postgres();

/// The first folder on the way to `path` (it included) that this user cannot enter; none if there is none.
/// Access lists beyond the mode bits are not looked at.
std::optional<std::filesystem::path> closed_on_the_way(std::filesystem::path const& path, identity const& user);

/// Whether this process is a PostgreSQL server that works on this data folder.
bool is_postmaster_of(int pid, std::filesystem::path const& folder);

/// Makes a folder of this mode, for `owner` if given; one that is there keeps what it has.
result<void> make_folder(std::filesystem::path const& path, unsigned mode, std::optional<identity> const& owner = {});

/// Held as long as the object lives, and given up however the process ends.
class folder_lock {
public:
    /// Errors: errc::conflict when another process holds it; those of open(2).
    static result<folder_lock> take(std::filesystem::path const& file);

private:
    explicit folder_lock(owned_fd fd) noexcept : fd_(std::move(fd)) {}
    owned_fd fd_;
};

}  // namespace tp::cli
