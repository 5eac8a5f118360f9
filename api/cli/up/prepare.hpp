#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "api/cli/up/cluster.hpp"
#include "api/cli/up/machine.hpp"

/// The data folder, before anything runs in it. All of these work again on what an earlier start left.
namespace tp::cli {

/// Why it does not go on, for people.
struct trouble {
    std::string what;
};
using outcome = std::optional<trouble>;  // none: well

/// What a private cluster is run with.
struct postgres_setup {
    std::filesystem::path programs;
    std::optional<identity> as;  // the user "postgres" when we are root: the server refuses to be root
    std::string own_name;        // the user who may log in
};

/// Finds the programs and the user. The trouble lists what is missing.
outcome find_postgres(up_plan const& plan, postgres_setup& out);

/// Makes the folders. @param postgres  none: without a private cluster.
outcome make_folders(up_plan const& plan, std::optional<postgres_setup> const& postgres);

/// Makes the cluster if there is none: beside its place, and then moves it there, so that one half made is never used.
/// Also waits for the server of an earlier `up` that was killed, and removes a postmaster.pid that names another
/// process.
outcome make_cluster(up_plan const& plan, postgres_setup const& postgres);

/// Host key and its public file, and the configuration of each program.
outcome write_files(up_plan const& plan, std::string& registry_key);

}  // namespace tp::cli
