#include "firmware-signing/tool/complaints.hpp"

#include <iostream>

#include "base/files.hpp"
#include "firmware-signing/refusal.hpp"
#include "firmware-signing/tool/commands.hpp"

namespace tp::signing::tool {
namespace {

std::string why_no_key(error_code why)
{
    if (why == errc::rejected) return "others than its owner may read or write it; chmod 600 it, or give it up";
    if (why == refusal::malformed || why == errc::too_large) return "holds no private Ed25519 key without pass phrase";
    return why.message();
}

}  // namespace

int complain(std::string_view what)
{
    std::cerr << "trigpoint-sign: " << what << '\n';
    return exit_failed;
}

std::optional<std::string> read_or_complain(std::filesystem::path const& file, std::size_t most)
{
    auto octets = read_file(file, most);
    if (octets) return std::move(*octets);
    complain(file.string() + ": " + octets.error().message());
    return std::nullopt;
}

bool write_or_complain(std::filesystem::path const& file, std::string_view octets)
{
    auto const written = write_new(file, octets);
    if (written) return true;
    auto const why = written.error() == errc::conflict ? "is there already" : written.error().message();
    complain(file.string() + ": " + why);
    return false;
}

std::optional<private_key> load_or_complain(std::filesystem::path const& file)
{
    auto key = private_key::load(file);
    if (key) return std::move(*key);
    complain(file.string() + ": " + why_no_key(key.error()));
    return std::nullopt;
}

std::optional<std::vector<public_key>> parse_or_complain(std::vector<std::string> const& texts)
{
    std::vector<public_key> out;
    for (auto const& text : texts) {
        auto key = public_key::parse(text);
        if (!key) {
            complain('"' + text + "\" is not \"ed25519:\" and 64 hexadecimal digits");
            return std::nullopt;
        }
        out.push_back(std::move(*key));
    }
    return out;
}

}  // namespace tp::signing::tool
