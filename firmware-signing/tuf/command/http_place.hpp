#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp::tuf {

/// A folder of a web server.
struct http_place {
    std::string host, port;
    std::string prefix;  // "/path/", escaped as it was written

    /// Reads "http://host:port/path/". Errors: errc::malformed; errc::unsupported for another scheme.
    static result<http_place> parse(std::string_view url);

    /// What stands in a request for a file: it is not escaped again, but for what cannot stand there.
    std::string target(std::string_view file) const;
    /// The header field "Host".
    std::string authority() const;
};

}  // namespace tp::tuf
