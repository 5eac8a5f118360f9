#pragma once

namespace tp::cli {

/// How the program ends; told by --help.
enum exit_code : int {
    exit_ok = 0,
    exit_failed = 1,       // the request failed, or there are no results
    exit_usage = 2,        // used wrongly, or packages are missing
    exit_unreachable = 3,  // the API cannot be reached
    exit_refused = 4,      // the key may not do that (HTTP 403)
};

}  // namespace tp::cli
