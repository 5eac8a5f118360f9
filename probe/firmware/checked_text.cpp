#include "probe/firmware/checked_text.hpp"

#include "probe/firmware/sha256.hpp"

namespace tp::firmware {
namespace {

constexpr std::string_view key = "check ";
constexpr std::size_t last_line = key.size() + sha256::digits + 1;  // octets

}  // namespace

std::string with_check(std::string text)
{
    auto const check = sha256_hex(text);
    return text.append(key).append(check) + '\n';
}

result<std::string_view> without_check(std::string_view octets, std::size_t most)
{
    if (octets.size() < last_line || octets.size() > most) return errc::malformed;
    auto const text = octets.substr(0, octets.size() - last_line);
    auto const expected = std::string(key) + sha256_hex(text) + '\n';
    if (octets.substr(text.size()) != expected) return errc::malformed;
    return text;
}

}  // namespace tp::firmware
