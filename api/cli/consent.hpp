#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "api/cli/remote.hpp"

namespace tp::cli {

/// Whether a host goes on, and with which version of the text for hosts.
struct agreement {
    bool given = false;                  // false: it was told why, or whoever types said no
    std::optional<std::string> version;  // none: nothing is asked for
    int code = exit_ok;                  // of the program, unless given
};

/// Shows the text that the platform asks hosts to accept, and asks.
/// @param accepted  the version that was accepted on the command line; then nothing is shown or asked.
/// @param in        where the answer comes from; none: nobody can be asked.
agreement agree(remote& api, std::string const& accepted, std::istream* in, std::ostream& out);
/// The same with whoever sits at the terminal.
agreement agree(remote& api, std::string const& accepted);

}  // namespace tp::cli
