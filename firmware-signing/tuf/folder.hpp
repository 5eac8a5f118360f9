#pragma once

#include <filesystem>

#include "base/error.hpp"

namespace tp::tuf {

/// Names in the folder, and that files are gone from it, outlast a power cut. Errors: those of the system calls.
result<void> flush_folder(std::filesystem::path const& folder);

}  // namespace tp::tuf
