#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/http/response.hpp"
#include "base/error.hpp"

namespace tp::api {

/// One thing that is wrong with a request.
struct fault {
    enum class place { body, query };

    std::string where;  // body: a JSON pointer ("/definitions/0/af", "" for the whole); query: a parameter's name
    std::string detail;
    place in = place::body;
    bool operator==(fault const&) const = default;
};

/// Why a request is refused, as RIPE Atlas tells it: {"error": {status, code, title, detail, errors}}.
struct problem {
    // Not an aggregate: C++20 would make one from a number alone, and checked<number> would not know which is meant.
    problem() = default;
    problem(unsigned status_, std::string detail_, std::vector<fault> faults_)
        : status(status_), detail(std::move(detail_)), faults(std::move(faults_))
    {
    }

    unsigned status = 400;
    std::string detail;         // empty: the usual sentence for the status
    std::vector<fault> faults;  // all that was found, not only the first
};

/// A value, or what is wrong with the request.
template <class T>
using checked = boost::system::result<T, problem>;

/// Only reached by value() on a failed `checked`, which is a bug.
[[noreturn]] void throw_exception_from_error(problem const& what, boost::source_location const& where);

problem bad_body(std::string pointer, std::string detail);
problem bad_parameter(std::string name, std::string detail);
problem forbidden(std::string detail);
problem not_found();
/// What a failed store or network call means for the client.
problem from_store(error_code error);

std::string to_json(problem const& what);
http::response answer(problem const& what);

}  // namespace tp::api
