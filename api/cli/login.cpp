#include "api/cli/login.hpp"

#include "base/files.hpp"
#include "base/settings.hpp"

namespace tp::cli {
namespace {

constexpr char const* usual_api = "http://localhost:7480";

void fill(std::string& open, std::string const& with)
{
    if (open.empty()) open = with;
}

/// Reads the file into what is still open; complains if it is there and cannot be used.
std::string read_login(std::filesystem::path const& path, login& given)
{
    auto const content = read_secret(path, settings::largest_file);
    if (!content && content.error() == std::errc::no_such_file_or_directory) return {};
    if (!content && content.error() == errc::rejected)
        return path.string() + " can be read by others; it holds a key: chmod 600 it";
    if (!content) return path.string() + ": " + content.error().message();
    auto file = settings::parse(*content, path.string());
    fill(given.api, file.text("api", ""));
    fill(given.key, file.text("key", ""));
    fill(given.ca_file, file.text("ca", ""));
    return file.finish().value_or("");
}

}  // namespace

std::filesystem::path login_file(environment const& variable)
{
    if (auto const folder = variable("XDG_CONFIG_HOME"); !folder.empty())
        return std::filesystem::path(folder) / "trigpoint/cli.toml";
    auto const home = variable("HOME");
    return home.empty() ? std::filesystem::path() : std::filesystem::path(home) / ".config/trigpoint/cli.toml";
}

std::optional<api_client::access> complete(login given, environment const& variable, std::string& complaint)
{
    fill(given.api, variable("TRIGPOINT_API"));
    fill(given.key, variable("TRIGPOINT_KEY"));
    fill(given.ca_file, variable("TRIGPOINT_CA"));
    if (auto const path = login_file(variable); !path.empty()) complaint = read_login(path, given);
    if (!complaint.empty()) return std::nullopt;
    fill(given.api, usual_api);
    auto place = parse_api_url(given.api);
    if (!place) {
        complaint = "\"" + given.api + "\" is not an address such as http://localhost:7480";
        return std::nullopt;
    }
    if (given.key.find_first_of("\r\n") != std::string::npos) {
        complaint = "the key holds a line break";
        return std::nullopt;
    }
    return api_client::access{std::move(*place), std::move(given.key), std::move(given.ca_file)};
}

}  // namespace tp::cli
