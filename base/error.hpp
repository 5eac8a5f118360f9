#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace tp {

using boost::system::error_code;

/// A value, or the reason there is none. System, Asio and Beast errors keep their own category.
template <class T>
using result = boost::system::result<T>;

/// Failures that are decided in our own code.
enum class errc {
    malformed = 1,  // 0 would read as success
    out_of_range,
    timed_out,
    rejected,     // the other side answered, and the answer was no
    too_large,    // beyond a named limit
    unsupported,  // understood, and not done here
    not_found,
    conflict,     // somebody else changed it first, or it exists already
    unavailable,  // not now: the other side is gone or busy; trying again makes sense
    closed,       // the other side ended it in good order
};

error_code make_error_code(errc code) noexcept;

}  // namespace tp

template <>
struct boost::system::is_error_code_enum<tp::errc> : std::true_type {
};
