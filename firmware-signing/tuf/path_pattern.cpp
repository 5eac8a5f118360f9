#include "firmware-signing/tuf/path_pattern.hpp"

#include <algorithm>

#include "firmware-signing/tuf/digest.hpp"
#include "firmware-signing/tuf/utf8.hpp"

namespace tp::tuf {
namespace {

/// Takes the characters between brackets off the front of a pattern, behind "[". Nothing is taken and `whole` is false
/// when no bracket closes them before the next "/": then "[" stands for itself.
struct bracket {
    std::string_view characters;
    bool negated = false, whole = false;
};

bracket take_bracket(std::string_view& pattern)
{
    auto inside = pattern.substr(0, pattern.find('/'));
    bracket out;
    out.negated = inside.starts_with('!');
    if (out.negated) inside.remove_prefix(1);
    auto const end = inside.find(']', 1);  // a bracket at the first place is one of the characters
    if (end == inside.npos) return out;
    out.characters = inside.substr(0, end);
    out.whole = true;
    pattern.remove_prefix(end + 1 + (out.negated ? 1 : 0));
    return out;
}

bool holds(bracket const& set, std::uint32_t character)
{
    bool found = false;
    for (auto rest = set.characters; !rest.empty();) {
        auto const first = take_character(rest);
        auto last = first;
        if (rest.size() > 1 && rest.front() == '-') {
            rest.remove_prefix(1);
            last = take_character(rest);
        }
        if (last == bad_character) return false;
        found = found || (character >= first && character <= last);
    }
    return found != set.negated;
}

/// Whether the first characters of both, `*` excluded, go together. If so they are taken.
bool match_one(std::string_view& pattern, std::string_view& path)
{
    if (pattern.empty() || path.empty()) return false;
    auto rest = pattern;
    auto const expected = take_character(rest), character = take_character(path);
    if (expected == bad_character || character == bad_character) return false;
    pattern = rest;
    if (expected == '?') return character != '/';
    if (expected == '[') {
        auto const set = take_bracket(pattern);
        if (set.whole) return character != '/' && holds(set, character);
    }
    return expected == character;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view path)
{
    // Where to go on when what followed the last `*` did not fit: the `*` then takes one character more.
    std::string_view after_star, next_path;
    bool starred = false;
    for (;;) {
        if (pattern.starts_with('*')) {
            pattern.remove_prefix(1);
            after_star = pattern;
            next_path = path;
            starred = true;
        } else if (pattern.empty() && path.empty()) {
            return true;
        } else if (!match_one(pattern, path)) {
            if (!starred || next_path.empty() || next_path.front() == '/') return false;
            if (take_character(next_path) == bad_character) return false;
            pattern = after_star;
            path = next_path;
        }
    }
}

bool path_set::covers(std::string_view path) const
{
    if (std::any_of(patterns.begin(), patterns.end(), [&](auto const& each) { return matches(each, path); }))
        return true;
    if (hash_prefixes.empty()) return false;
    auto const hash = sha256_hex(path);
    return std::any_of(hash_prefixes.begin(), hash_prefixes.end(),
                       [&](auto const& each) { return hash.starts_with(each); });
}

}  // namespace tp::tuf
