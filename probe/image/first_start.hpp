#pragma once

#include <sys/stat.h>

#include <string>

namespace tp::image {

/// Whether anything was ever started from these slots: only a start makes the link. Until then, what was packaged has
/// to be installed, as often as it takes: an installation that a power cut ended may have left any part of itself.
inline bool was_started(std::string const& slots)
{
    struct stat about {};
    return ::lstat((slots + "/active").c_str(), &about) == 0 && S_ISLNK(about.st_mode);
}

}  // namespace tp::image
