#include "api/cli/up/prepare.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "base/files.hpp"
#include "base/handle.hpp"
#include "base/log.hpp"
#include "base/owned_fd.hpp"
#include "base/ssh/keys.hpp"

namespace tp::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr seconds initdb_limit{300}, single_user_limit{120};
constexpr seconds leftover_patience{10};  // for a server that is ending already, before it is told to
constexpr seconds leftover_limit{40};
constexpr std::chrono::milliseconds between_looks{100};
constexpr std::size_t largest_note = 64 * 1024;  // octets, of a file that PostgreSQL wrote for us to read
constexpr std::size_t shown_of_log = 2'000;      // octets

trouble about(fs::path const& path, error_code why)
{
    return {path.string() + ": " + why.message()};
}

/// A file of ours that a child is given.
owned_fd open_file(fs::path const& path, int flags)
{
    return owned_fd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
}

outcome run_logged(words command, postgres_setup const& postgres, fs::path const& log, int input, seconds limit)
{
    auto const output = open_file(log, O_WRONLY | O_CREAT | O_TRUNC);
    auto const name = fs::path(command.front()).filename().string();
    auto const done = run_to_end({.words = std::move(command),
                                  .as = postgres.as,
                                  .death_signal = SIGKILL,
                                  .input = input,
                                  .output = output.get()},
                                 limit);
    if (done) return std::nullopt;
    auto const text = read_file(log, largest_note);
    auto said = text ? *text : std::string();
    if (said.size() > shown_of_log) said.erase(0, said.size() - shown_of_log);
    return trouble{name + " failed (" + done.error().message() + "):\n" + said};
}

outcome fill_cluster(up_plan const& plan, postgres_setup const& postgres, fs::path const& folder)
{
    auto const log = plan.places.run() / "initdb.log", sql = plan.places.run() / "create.sql";
    auto const made = make_folder(folder, 0700, postgres.as);
    if (!made) return about(folder, made.error());
    if (auto failed = run_logged(initdb_command(postgres.programs, folder), postgres, log, -1, initdb_limit))
        return failed;
    auto const written = write_atomically(sql, create_database_sql(), 0600);
    if (!written) return about(sql, written.error());
    auto const input = open_file(sql, O_RDONLY);
    return run_logged(single_user_command(postgres.programs, folder), postgres, log, input.get(), single_user_limit);
}

/// We hold the folder's lock, so a server that still works here was left by an `up` that was killed, and is ending.
outcome await_leftover(fs::path const& folder)
{
    auto const file = folder / "postmaster.pid";
    auto const begun = std::chrono::steady_clock::now();
    for (bool told = false;; std::this_thread::sleep_for(between_looks)) {
        auto const text = read_file(file, largest_note);
        if (!text) return std::nullopt;
        auto const pid = postmaster_pid(*text);
        if (!pid || !is_postmaster_of(*pid, folder)) {
            // Nobody's, or the number of another process by now, which would keep PostgreSQL from starting.
            ::unlink(file.c_str());
            return std::nullopt;
        }
        auto const passed = std::chrono::steady_clock::now() - begun;
        if (passed >= leftover_limit)
            return trouble{"PostgreSQL (process " + std::to_string(*pid) + ") from before does not end"};
        if (told || passed < leftover_patience) continue;
        told = true;
        log::warning("up", "ending the PostgreSQL of before, process " + std::to_string(*pid));
        ::kill(*pid, SIGQUIT);
    }
}

std::optional<int> made_with(up_plan const& plan)
{
    auto const text = read_file(plan.places.postgres() / "PG_VERSION", largest_note);
    return text ? postgres_version(*text) : std::nullopt;
}

}  // namespace

outcome find_postgres(up_plan const& plan, postgres_setup& out)
{
    auto const installed = installed_postgres();
    std::vector<int> versions;
    for (auto const& each : installed) versions.push_back(each.version);
    auto const before = made_with(plan);
    auto const chosen = choose_postgres(versions, before);
    if (!chosen) {
        auto const wanted = std::to_string(before.value_or(least_postgres));
        return trouble{"missing packages: postgresql-" + wanted + "\n(apt-get install postgresql-" + wanted +
                       ", or give your own PostgreSQL with --database)"};
    }
    for (auto const& each : installed) {
        if (each.version == *chosen) out.programs = each.folder;
    }
    auto const name = own_name();
    if (!name) return trouble{"the user that we run as has no entry in /etc/passwd, which PostgreSQL needs"};
    out.own_name = *name;
    if (::geteuid() != 0) return std::nullopt;
    auto const user = find_user("postgres");
    if (!user) return trouble{"there is no user \"postgres\", as whom PostgreSQL runs when we are root"};
    out.as = *user;
    return std::nullopt;
}

outcome make_folders(up_plan const& plan, std::optional<postgres_setup> const& postgres)
{
    auto const& places = plan.places;
    auto const as = postgres ? postgres->as : std::nullopt;
    std::error_code ec;
    fs::create_directories(places.data.parent_path(), ec);
    auto const data = make_folder(places.data, as ? 0711 : 0700);
    if (!data) return about(places.data, data.error());
    if (as) {
        if (auto const closed = closed_on_the_way(places.data, *as))
            return trouble{"PostgreSQL runs as the user \"postgres\", who cannot enter " + closed->string() +
                           "\n(choose another folder with --data, or chmod o+x it)"};
    }
    for (auto const& each : {places.run(), places.keys(), places.tls()}) {
        auto const made = make_folder(each, 0700);
        if (!made) return about(each, made.error());
    }
    if (!postgres) return std::nullopt;
    auto const socket = make_folder(places.socket(), 0700, as);
    if (!socket) return about(places.socket(), socket.error());
    auto const access = make_folder(places.access(), as ? 0755 : 0700);
    if (!access) return about(places.access(), access.error());
    return std::nullopt;
}

outcome make_cluster(up_plan const& plan, postgres_setup const& postgres)
{
    auto const& places = plan.places;
    auto const hba = places.access() / "pg_hba.conf", ident = places.access() / "pg_ident.conf";
    auto const hba_written = write_atomically(hba, hba_text());
    if (!hba_written) return about(hba, hba_written.error());
    auto const ident_written = write_atomically(ident, ident_text({postgres.own_name}));
    if (!ident_written) return about(ident, ident_written.error());
    if (made_with(plan)) return await_leftover(places.postgres());

    auto const half = places.data / "postgres.new";
    std::error_code ec;
    fs::remove_all(half, ec);
    if (ec) return trouble{half.string() + ": " + ec.message()};
    log::info("up", "making the database in " + places.postgres().string());
    if (auto failed = fill_cluster(plan, postgres, half)) return failed;
    fs::rename(half, places.postgres(), ec);
    if (ec) return trouble{places.postgres().string() + ": " + ec.message()};
    return std::nullopt;
}

outcome write_files(up_plan const& plan, std::string& registry_key)
{
    auto const& places = plan.places;
    auto const key = ssh::private_key::load_or_make(places.registry_key());
    if (!key) return about(places.registry_key(), key.error());
    registry_key = key->shared().text();
    auto const published = write_atomically(places.registry_public(), registry_key + '\n');
    if (!published) return about(places.registry_public(), published.error());

    std::vector<std::pair<std::string, std::string>> files{{"registry", registry_toml(plan)}, {"api", api_toml(plan)}};
    for (unsigned i = 0; i < plan.settings.controllers; ++i)
        files.emplace_back(controller_name(i), controller_toml(plan, i));
    for (auto const& [program, text] : files) {
        auto const written = write_atomically(places.config_of(program), text, 0600);
        if (!written) return about(places.config_of(program), written.error());
    }
    return std::nullopt;
}

}  // namespace tp::cli
