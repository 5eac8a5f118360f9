#include "firmware-signing/tuf/names.hpp"

#include "firmware-signing/tuf/digest.hpp"

namespace tp::tuf {
namespace {

constexpr std::size_t longest_file_name = 200;  // octets; file systems take 255

bool stands_for_itself(char c)
{
    bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' || c == '~';
}

void append_escaped(char c, std::string& to)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    auto const octet = static_cast<unsigned char>(c);
    to += '%';
    to += digits[octet >> 4];
    to += digits[octet & 15];
}

}  // namespace

std::string escaped(std::string_view name)
{
    std::string out;
    for (char const c : name) {
        if (stands_for_itself(c))
            out += c;
        else
            append_escaped(c, out);
    }
    return out;
}

std::string file_of(std::string_view role)
{
    return escaped(role) + ".json";
}

std::string remote_file_of(std::string_view role, std::uint64_t version, bool consistent)
{
    return consistent ? std::to_string(version) + '.' + file_of(role) : file_of(role);
}

std::string remote_target(std::string_view path, target_file const& facts, bool consistent)
{
    if (!consistent) return std::string(path);
    auto const name = path.rfind('/') + 1;  // 0 if there is no "/"
    return std::string(path.substr(0, name)) + facts.hashes.name() + '.' + std::string(path.substr(name));
}

std::string local_target(std::string_view path)
{
    auto out = escaped(path);
    if (out.starts_with('.')) out.replace(0, 1, "%2E");
    if (out.size() > longest_file_name) out = out.substr(0, longest_file_name / 2) + '#' + sha256_hex(path);
    return out;
}

std::string growing_target(target_file const& facts)
{
    return '.' + facts.hashes.name().substr(0, 64) + ".part";
}

}  // namespace tp::tuf
