#include "firmware-signing/tuf/command/arguments.hpp"

namespace tp::tuf {
namespace {

/// Where the value of an option belongs. Nothing if there is no such option; target names are many.
std::string* place_of(std::string const& option, arguments& in)
{
    if (option == "--metadata-dir") return &in.metadata_dir;
    if (option == "--metadata-url") return &in.metadata_url;
    if (option == "--target-dir") return &in.target_dir;
    if (option == "--target-base-url") return &in.target_base_url;
    if (option == "--target-name") return &in.target_names.emplace_back();
    return nullptr;
}

}  // namespace

std::string_view const usage =
    "trigpoint-tuf-client --metadata-dir FOLDER init ROOT\n"
    "trigpoint-tuf-client --metadata-url URL --metadata-dir FOLDER refresh\n"
    "trigpoint-tuf-client --metadata-url URL --metadata-dir FOLDER --target-name NAME [--target-name NAME ...]\n"
    "                     --target-dir FOLDER --target-base-url URL download\n";

result<arguments> read_arguments(std::vector<std::string> const& words)
{
    arguments out;
    std::vector<std::string> operands;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!words[i].starts_with("--")) {
            operands.push_back(words[i]);
            continue;
        }
        auto* const place = place_of(words[i], out);
        if (!place || i + 1 == words.size()) return errc::malformed;
        *place = words[++i];
    }
    if (operands.empty()) return errc::malformed;
    out.verb = operands[0];
    bool const has_root = out.verb == "init" && operands.size() == 2;
    if (operands.size() != (has_root ? 2 : 1)) return errc::malformed;
    if (has_root) out.root = operands[1];
    return out;
}

std::optional<std::string> arguments::complaint() const
{
    if (verb != "init" && verb != "refresh" && verb != "download") return "there is no command \"" + verb + '"';
    if (metadata_dir.empty()) return "--metadata-dir is missing";
    if (verb == "init")
        return root.empty() ? std::optional<std::string>("the file of the root is missing") : std::nullopt;
    if (metadata_url.empty()) return "--metadata-url is missing";
    if (verb == "refresh") return std::nullopt;
    if (target_names.empty()) return "--target-name is missing";
    if (target_dir.empty()) return "--target-dir is missing";
    if (target_base_url.empty()) return "--target-base-url is missing";
    return std::nullopt;
}

}  // namespace tp::tuf
