#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tp::cli {

/// A certificate as people look at it.
struct certificate {
    std::string subject, issuer;  // common name, or all of it if there is none
    std::int64_t ends = 0;        // when it expires, seconds since 1970
};

/// None if it is no certificate.
std::optional<certificate> read_certificate(std::string const& pem);

}  // namespace tp::cli
