#include "api/cli/up/cluster.hpp"

#include <algorithm>
#include <charconv>

namespace tp::cli {
namespace {

constexpr char const* map_name = "trigpoint";

}  // namespace

std::optional<std::string> complaint_about_folder(std::filesystem::path const& data)
{
    auto const text = data.string();
    auto const odd = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || std::string_view("'\"\\,").find(c) != std::string_view::npos;
    };
    if (std::any_of(text.begin(), text.end(), odd))
        return "the data folder's name holds a quote, a comma, a backslash or a control character: " + text;
    auto const socket = (up_places{data}.socket() / ".s.PGSQL.5432").string();
    if (socket.size() > longest_socket_path) {
        return "the data folder's path is too long by " + std::to_string(socket.size() - longest_socket_path) +
               " octets (a unix socket lies in it): " + text;
    }
    return std::nullopt;
}

std::optional<int> postgres_version(std::string_view text)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    int version = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc{} || end != text.data() + text.size() || version < 1) return std::nullopt;
    return version;
}

std::optional<int> choose_postgres(std::vector<int> const& installed, std::optional<int> made_with)
{
    if (made_with) {
        auto const found = std::find(installed.begin(), installed.end(), *made_with);
        return found == installed.end() ? std::nullopt : std::optional<int>(*found);
    }
    auto const newest = std::max_element(installed.begin(), installed.end());
    if (newest == installed.end() || *newest < least_postgres) return std::nullopt;
    return *newest;
}

words initdb_command(std::filesystem::path const& programs, std::filesystem::path const& folder)
{
    return {(programs / "initdb").string(),
            "-D",
            folder.string(),
            "-U",
            owner_role,
            "--auth-local=peer",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale=C"};
}

words single_user_command(std::filesystem::path const& programs, std::filesystem::path const& folder)
{
    return {(programs / "postgres").string(), "--single", "-j", "-D", folder.string(), "postgres"};
}

std::string create_database_sql()
{
    return std::string("create database ") + database_name + ";\n\n";  // -j: an empty line ends a statement
}

words server_command(std::filesystem::path const& programs, up_plan const& plan)
{
    auto const& places = plan.places;
    words out{(programs / "postgres").string(), "-D", places.postgres().string()};
    for (auto const& setting : {
             std::string("listen_addresses="),
             "unix_socket_directories=\"" + places.socket().string() + '"',
             std::string("unix_socket_permissions=0700"),
             std::string("port=5432"),
             "hba_file=" + (places.access() / "pg_hba.conf").string(),
             "ident_file=" + (places.access() / "pg_ident.conf").string(),
             "shared_buffers=" + plan.settings.shared_buffers,
             std::string("max_connections=200"),
             std::string("max_wal_size=4GB"),
             std::string("wal_compression=lz4"),
             std::string("default_toast_compression=lz4"),
             std::string("jit=off"),
             std::string("logging_collector=off"),
             std::string("log_destination=stderr"),
             std::string("log_line_prefix="),
         }) {
        out.insert(out.end(), {"-c", setting});
    }
    return out;
}

std::string hba_text()
{
    return std::string("# Written by `trigpoint up`.\nlocal all all peer map=") + map_name + '\n';
}

std::string ident_text(std::vector<std::string> const& users)
{
    std::string out = "# Written by `trigpoint up`: map, user of this machine, role.\n";
    for (auto const& user : users) {
        for (auto const* role : {owner_role, "tp_registry", "tp_controller", "tp_api"})
            out += std::string(map_name) + " \"" + user + "\" " + role + '\n';
    }
    return out;
}

std::optional<int> postmaster_pid(std::string_view file)
{
    auto const line = file.substr(0, file.find('\n'));
    int pid = 0;
    auto const [end, error] = std::from_chars(line.data(), line.data() + line.size(), pid);
    if (error != std::errc{} || end != line.data() + line.size() || pid < 2) return std::nullopt;
    return pid;
}

}  // namespace tp::cli
