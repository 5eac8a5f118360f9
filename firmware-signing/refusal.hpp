#pragma once

#include "base/error.hpp"

namespace tp::signing {

/// Why a signed document is not believed.
enum class refusal {
    malformed = 1,       // not the one spelling that the format has; 0 would read as success
    too_large,           // beyond largest_document
    bad_signature,       // a trusted key is named, and did not sign these octets
    too_few_signatures,  // fewer trusted keys signed than the threshold asks for
    other_name,          // an authentic document, and another one than was asked for
    older_than_known,    // an authentic document that a newer one has replaced
    expired,             // an authentic document whose time is over
};

error_code make_error_code(refusal code) noexcept;

}  // namespace tp::signing

template <>
struct boost::system::is_error_code_enum<tp::signing::refusal> : std::true_type {
};
