#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "api/cli/up/up_settings.hpp"

namespace tp::cli {

/// The files of a data folder.
struct up_places {
    std::filesystem::path data;

    std::filesystem::path lock() const { return data / "up.lock"; }
    std::filesystem::path admin_key() const { return data / "admin.key"; }
    std::filesystem::path registry_public() const { return data / "registry.pub"; }
    std::filesystem::path run() const { return data / "run"; }                 // generated configurations
    std::filesystem::path keys() const { return data / "keys"; }               // host keys
    std::filesystem::path tls() const { return data / "tls"; }                 // the API's self-made certificate
    std::filesystem::path postgres() const { return data / "postgres"; }       // the private cluster
    std::filesystem::path access() const { return data / "postgres-access"; }  // who may log in to it
    std::filesystem::path socket() const { return data / "socket"; }
    std::filesystem::path registry_key() const { return keys() / "registry"; }
    std::filesystem::path config_of(std::string_view program) const { return run() / (std::string(program) + ".toml"); }
};

/// All that is decided before anything starts.
struct up_plan {
    up_settings settings;
    up_places places;
    std::string database_url;           // the operator's PostgreSQL; empty: a private cluster
    std::vector<ip_address> listen;     // settings.host, without families that this machine lacks
    std::vector<ip_address> advertise;  // what probes are told
};

inline constexpr char const* owner_role = "tp_migrate";  // owns the private cluster and its schema
inline constexpr char const* database_name = "trigpoint";

/// libpq's connection string for a role. With the operator's PostgreSQL it is theirs, whoever asks.
std::string conninfo_for(up_plan const& plan, std::string_view role);

/// "controller-1", ...
std::string controller_name(unsigned index);

// The programs' configurations, as TOML.
std::string registry_toml(up_plan const& plan);
std::string controller_toml(up_plan const& plan, unsigned index);
std::string api_toml(up_plan const& plan);

/// What probes are told when the operator does not say: the addresses on which we listen if these are definite, else
/// the machine's `own`, else the loopback address.
std::vector<ip_address> addresses_to_advertise(up_settings const& settings, std::vector<ip_address> const& own);

/// "192.0.2.1:7440", "[2001:db8::1]:7440".
std::string with_port(ip_address const& address, int port);

}  // namespace tp::cli
