#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "api/cli/remote.hpp"

namespace tp::cli {

/// One column of a listing: its title, and the key in each object (dots go into objects: "status.name").
struct listed {
    std::string title, key;
};

/// Prints an API list ({"results": [...]} or a bare array) as a table, or the JSON as it is.
/// Answers exit_ok, or the code of what went wrong.
int print_list(remote& api, std::string const& path, std::vector<listed> const& columns, bool as_json);

/// Prints one object, a line for each key that is not empty, or the JSON as it is.
int print_object(remote& api, std::string const& path, bool as_json);

/// The table that print_list() prints, for the tests.
std::string list_text(boost::json::value const& answer, std::vector<listed> const& columns);
/// The lines that print_object() prints.
std::string object_text(boost::json::value const& answer);

}  // namespace tp::cli
