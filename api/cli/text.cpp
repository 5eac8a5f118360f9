#include "api/cli/text.hpp"

#include <cstdio>
#include <ctime>
#include <string_view>

namespace tp::cli {

std::optional<std::int64_t> parse_time(std::string const& text)
{
    if (!text.empty() && text.size() <= 12 && text.find_first_not_of("0123456789") == std::string::npos)
        return std::stoll(text);
    for (auto const* format : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
        std::tm parts{};
        auto const* const rest = ::strptime(text.c_str(), format, &parts);
        if (rest == nullptr || (*rest != '\0' && std::string_view(rest) != "Z")) continue;
        return ::timegm(&parts);
    }
    return std::nullopt;
}

std::string time_text(std::int64_t seconds)
{
    auto const at = static_cast<std::time_t>(seconds);
    std::tm parts{};
    char text[32];
    if (::gmtime_r(&at, &parts) == nullptr) return "?";
    auto const length = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    return std::string(text, length);
}

std::string query_escape(std::string const& text)
{
    std::string out;
    for (auto const c : text) {
        auto const plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                           std::string_view("-._~,").find(c) != std::string_view::npos;
        if (plain) {
            out += c;
            continue;
        }
        char octet[4];
        std::snprintf(octet, sizeof octet, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += octet;
    }
    return out;
}

std::string decimal_text(double value, int digits)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string times_text(std::vector<double> const& milliseconds)
{
    std::string out = milliseconds.empty() ? "" : "  ms:";
    for (auto const time : milliseconds) out += ' ' + decimal_text(time);
    return out;
}

std::string count_text(std::size_t count, std::string const& what)
{
    return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

}  // namespace tp::cli
