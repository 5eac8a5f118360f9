#pragma once

#include <boost/json/object.hpp>

#include "store/firmware_files.hpp"

namespace tp::api {

/// What is said of a file of the repository.
boost::json::object file_object(std::string const& path, std::uint64_t size, std::string const& sha256);
/// The same of one that is there, and since when.
boost::json::object file_object(store::firmware_file const& file);

}  // namespace tp::api
