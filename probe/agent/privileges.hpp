#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "base/error.hpp"

namespace tp::probe {

struct user_ids {
    uid_t user = 0;
    gid_t group = 0;
};

/// Reads /etc/passwd itself: getpwnam(3) loads modules, which a static program cannot. Errors: errc::not_found; those
/// of reading.
result<user_ids> find_user(std::string_view name);

/// Makes the folder (mode 0700) if it is missing, and gives it to the user if it was made here or we are root.
/// Errors: those of mkdir(2) and chown(2); errc::conflict when it is no folder.
result<void> prepare_folder(std::filesystem::path const& folder, user_ids owner);

/// Becomes that user, for good. Errors: those of setgroups(2), setgid(2), setuid(2).
result<void> become(user_ids who);

/// Makes sure that no program run from here can have a capability. As far as permitted: call it while still root.
void empty_bounding_set() noexcept;

/// Gives up every capability, and the right to get any by running a program. Sockets that are open stay usable.
/// Errors: those of capset(2) and prctl(2).
result<void> drop_capabilities();

}  // namespace tp::probe
