#include "api/http/request.hpp"

#include <algorithm>

namespace tp::api::http {
namespace {

int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_alphanumeric(char c) noexcept
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string_view name_of(method verb) noexcept
{
    switch (verb) {
        case method::get:
            return "GET";
        case method::head:
            return "HEAD";
        case method::post:
            return "POST";
        case method::put:
            return "PUT";
        case method::patch:
            return "PATCH";
        case method::delete_:
            return "DELETE";
        case method::options:
            return "OPTIONS";
        case method::other:
            break;
    }
    return "OTHER";
}

std::optional<std::string_view> request::find(std::string_view name) const noexcept
{
    auto const found = std::find_if(query.begin(), query.end(),
                                    [&](parameter const& p) { return p.name == name && !p.value.empty(); });
    if (found == query.end()) return std::nullopt;
    return std::string_view(found->value);
}

bool request::has(std::string_view name) const noexcept
{
    return std::any_of(query.begin(), query.end(), [&](parameter const& p) { return p.name == name; });
}

std::string percent_decoded(std::string_view text, bool plus_is_space)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        int const high = text[i] == '%' && text.size() - i > 2 ? hex_digit(text[i + 1]) : -1;
        int const low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
        }
    }
    return out;
}

std::string percent_encoded(std::string_view text)
{
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (char const c : text) {
        if (is_alphanumeric(c) || std::string_view("-._~,:").find(c) != std::string_view::npos) {
            out.push_back(c);
            continue;
        }
        auto const octet = static_cast<unsigned char>(c);
        out += {'%', digits[octet >> 4U], digits[octet & 15U]};
    }
    return out;
}

std::vector<parameter> parse_query(std::string_view text)
{
    std::vector<parameter> out;
    while (!text.empty() && out.size() < most_parameters) {
        auto const end = text.find('&');
        auto const pair = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (pair.empty()) continue;
        auto const equals = pair.find('=');
        auto const value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        out.push_back({percent_decoded(pair.substr(0, equals), true), percent_decoded(value, true)});
    }
    return out;
}

bool is_host(std::string_view text) noexcept
{
    constexpr std::size_t longest = 255;
    return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || std::string_view("-._:[]").find(c) != std::string_view::npos;
    });
}

}  // namespace tp::api::http
