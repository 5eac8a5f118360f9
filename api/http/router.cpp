#include "api/http/router.hpp"

#include <algorithm>

namespace tp::api::http {
namespace {

std::string_view trimmed(std::string_view path) noexcept
{
    if (path.starts_with('/')) path.remove_prefix(1);
    if (path.ends_with('/')) path.remove_suffix(1);
    return path;
}

std::string_view next_segment(std::string_view& rest) noexcept
{
    auto const end = rest.find('/');
    auto const segment = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return segment;
}

bool is_number(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& values)
{
    auto const segments = [](std::string_view text) { return std::count(text.begin(), text.end(), '/'); };
    if (segments(pattern) != segments(path)) return false;
    values.clear();
    auto left = segments(pattern) + 1;
    while (left-- > 0) {
        auto const wanted = next_segment(pattern);
        auto const given = next_segment(path);
        bool const takes_any = wanted == "{word}" && !given.empty();
        bool const takes_number = wanted == "{id}" && is_number(given);
        if (!takes_any && !takes_number && wanted != given) return false;
        if (takes_any || takes_number) values.emplace_back(given);
    }
    return true;
}

}  // namespace

match find_route(std::span<pattern const> patterns, method verb, std::string_view path)
{
    match out;
    auto const wanted = verb == method::head ? method::get : verb;
    path = trimmed(path);
    std::vector<std::string> values;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        if (!matches(patterns[i].path, path, values)) continue;
        out.allowed.push_back(patterns[i].verb);
        if (out.index || patterns[i].verb != wanted) continue;
        out.index = i;
        out.values = values;
    }
    return out;
}

std::string allow_text(std::vector<method> const& allowed)
{
    std::string out;
    for (auto const verb : {method::get, method::post, method::put, method::patch, method::delete_}) {
        if (std::find(allowed.begin(), allowed.end(), verb) == allowed.end()) continue;
        out += std::string(name_of(verb)) + ", ";
        if (verb == method::get) out += "HEAD, ";
    }
    return out + "OPTIONS";
}

}  // namespace tp::api::http
