#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/request.hpp"

namespace tp::api::http {

/// "measurements/{id}/results": segments between slashes. {id} takes decimal digits only, {word} anything but a slash.
/// A path matches with and without its trailing slash.
struct pattern {
    method verb;
    std::string_view path;
};

struct match {
    std::optional<std::size_t> index;  // of the first pattern that matches path and method
    std::vector<std::string> values;   // what stood for {id} and {word}, in order
    std::vector<method> allowed;       // methods of all patterns that match the path; empty: no such path
};

/// HEAD is answered by the pattern of GET.
match find_route(std::span<pattern const> patterns, method verb, std::string_view path);

/// The value of an Allow header; OPTIONS, and HEAD where GET is, are added.
std::string allow_text(std::vector<method> const& allowed);

}  // namespace tp::api::http
