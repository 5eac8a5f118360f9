#include "probe/anchor/http/target.hpp"

#include <charconv>

namespace tp::anchor {
namespace {

constexpr std::string_view unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

/// The part up to the mark, which is taken away with it.
std::string_view take_until(std::string_view& text, char mark)
{
    auto const end = std::min(text.find(mark), text.size());
    auto const out = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return out;
}

result<std::optional<std::size_t>> read_size(std::string_view text, std::size_t largest)
{
    if (text.empty()) return std::optional<std::size_t>();
    if (text.find_first_not_of("0123456789") != text.npos || (text.size() > 1 && text.front() == '0'))
        return errc::not_found;
    std::size_t value = 0;
    auto const error = std::from_chars(text.data(), text.data() + text.size(), value).ec;
    if (error != std::errc{} || value > largest) return errc::too_large;
    return std::optional<std::size_t>(value);
}

result<std::string> read_nonce(std::string_view query)
{
    constexpr std::string_view name = "nonce=";
    std::string out;
    while (!query.empty()) {
        auto const one = take_until(query, '&');
        if (!one.starts_with(name)) continue;
        auto const value = one.substr(name.size());
        bool const good =
            !value.empty() && value.size() <= longest_nonce && value.find_first_not_of(unreserved) == value.npos;
        if (!good || !out.empty()) return errc::malformed;
        out = value;
    }
    return out;
}

}  // namespace

result<http_wish> read_target(std::string_view target, std::size_t largest)
{
    auto const path = take_until(target, '?');
    if (!path.starts_with('/')) return errc::not_found;
    auto const size = read_size(path.substr(1), largest);
    if (!size) return size.error();
    auto nonce = read_nonce(target);
    if (!nonce) return nonce.error();
    return http_wish{*size, std::move(*nonce)};
}

}  // namespace tp::anchor
