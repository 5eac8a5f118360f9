#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/cli/up/up_plan.hpp"

/// The private PostgreSQL cluster: which commands make and run it. Nothing here runs them.
namespace tp::cli {

inline constexpr int least_postgres = 15;                // major version
inline constexpr std::size_t longest_socket_path = 107;  // octets, sockaddr_un without its final zero

/// Why this data folder cannot hold the cluster's socket and settings, in plain words; or nothing.
std::optional<std::string> complaint_about_folder(std::filesystem::path const& data);

/// "15" -> 15; none for what is no major version.
std::optional<int> postgres_version(std::string_view text);

/// Which of the installed major versions to use: the one that made the cluster, or the newest that we support.
std::optional<int> choose_postgres(std::vector<int> const& installed, std::optional<int> made_with);

using words = std::vector<std::string>;  // a program and its arguments

/// Makes a cluster in `folder`, which is empty or missing.
words initdb_command(std::filesystem::path const& programs, std::filesystem::path const& folder);
/// PostgreSQL in single-user mode, reading SQL from standard input: makes the database before anybody can connect.
words single_user_command(std::filesystem::path const& programs, std::filesystem::path const& folder);
std::string create_database_sql();

/// The server itself, in the foreground, on a unix socket only.
words server_command(std::filesystem::path const& programs, up_plan const& plan);

/// pg_hba.conf: everybody by peer authentication, through the map below.
std::string hba_text();
/// pg_ident.conf: the users of this machine who may be any of our roles.
std::string ident_text(std::vector<std::string> const& users);

/// What the first line of postmaster.pid says; none if it is no process number.
std::optional<int> postmaster_pid(std::string_view file);

}  // namespace tp::cli
