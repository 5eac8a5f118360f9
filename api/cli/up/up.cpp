#include "api/cli/up/up.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "api/cli/exit_codes.hpp"
#include "api/cli/up/bring_up.hpp"
#include "api/cli/up/machine.hpp"
#include "api/cli/up/prepare.hpp"
#include "base/coroutine.hpp"
#include "base/log.hpp"

namespace tp::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr seconds program_stop_limit{15}, postgres_stop_limit{60};

int give_up(trouble const& why, exit_code code)
{
    std::cerr << "trigpoint up: " << why.what << '\n';
    return code;
}

fs::path usual_folder()
{
    if (::geteuid() == 0) return "/var/lib/trigpoint";
    auto const* const data = std::getenv("XDG_DATA_HOME");
    if (data != nullptr && *data == '/') return fs::path(data) / "trigpoint";
    auto const* const home = std::getenv("HOME");
    return home == nullptr ? fs::path() : fs::path(home) / ".local/share/trigpoint";
}

/// The keys of the command line, in place of those of the settings.
outcome take_trust(up_options const& options, up_settings& into)
{
    std::vector<signing::public_key> keys;
    for (auto const& text : options.trust_keys) {
        auto key = signing::public_key::parse(text);
        if (!key) return trouble{"--trust-key: \"" + text + "\" is not \"ed25519:\" and 64 hexadecimal digits"};
        keys.push_back(std::move(*key));
    }
    if (keys.empty()) return std::nullopt;
    auto trusted = signing::trusted_keys::from(std::move(keys), options.trust_threshold);
    if (!trusted && trusted.error() == errc::conflict) return trouble{"--trust-key names a key twice"};
    if (!trusted) return trouble{"--trust-threshold is more than there are keys, or there are too many keys"};
    into.trust = std::move(*trusted);
    return std::nullopt;
}

/// Options and files into decisions. Nothing is changed yet.
outcome make_plan(up_options const& options, up_plan& plan)
{
    auto file = options.config.empty() ? settings::parse("", "") : settings::read_file(options.config);
    plan.settings = read_up_settings(file);
    if (auto const complaint = file.finish()) return trouble{*complaint};
    if (auto wrong = take_trust(options, plan.settings)) return wrong;
    auto const data = options.data.empty() ? usual_folder() : options.data;
    if (data.empty()) return trouble{"neither --data nor $HOME says where to keep the data"};
    plan.places.data = fs::weakly_canonical(fs::absolute(data));
    plan.database_url = options.database;
    if (options.database.empty()) {
        if (auto const complaint = complaint_about_folder(plan.places.data)) return trouble{*complaint};
    }
    auto const v6 = has_ipv6();
    for (auto const& each : plan.settings.host) {
        if (v6 || each.is_v4()) plan.listen.push_back(each);
    }
    if (plan.listen.empty()) return trouble{"\"host\" holds IPv6 addresses only, and this machine has no IPv6"};
    auto heard = plan.settings;
    heard.host = plan.listen;
    plan.advertise = addresses_to_advertise(heard, own_addresses());
    return std::nullopt;
}

outcome find_programs(fs::path& folder)
{
    auto const found = program_folder();
    if (!found) return trouble{"cannot find the folder of our own program: " + found.error().message()};
    folder = *found;
    std::string missing;
    for (auto const* name : {"trigpoint-registry", "trigpoint-controller", "trigpoint-api"}) {
        if (::access((folder / name).c_str(), X_OK) != 0) missing += std::string(" ") + name;
    }
    if (missing.empty()) return std::nullopt;
    return trouble{"missing beside " + (folder / "trigpoint").string() + ":" + missing};
}

std::vector<child_rules> programs_of(up_plan const& plan, fs::path const& folder,
                                     std::optional<postgres_setup> const& postgres)
{
    std::vector<child_rules> out;
    if (postgres) {
        // SIGINT: a "fast" shutdown, sessions are cut and all is written. SIGQUIT: at once, recovery at the next start;
        // it also ends a server whose sessions hang, so that nothing outlives us.
        out.push_back({"postgresql",
                       {.words = server_command(postgres->programs, plan), .as = postgres->as, .death_signal = SIGQUIT},
                       {.stage = stage_postgres, .stop_limit = postgres_stop_limit},
                       SIGINT,
                       SIGQUIT,
                       "LOG: "});
    }
    auto const add = [&](std::string const& name, char const* program, stage when) {
        words command{(folder / program).string(), "--config", plan.places.config_of(name).string()};
        out.push_back({name,
                       {.words = std::move(command), .death_signal = SIGKILL},
                       {.stage = when, .stop_limit = program_stop_limit},
                       SIGTERM,
                       SIGKILL,
                       ""});
    };
    add("registry", "trigpoint-registry", stage_registry);
    for (unsigned i = 0; i < plan.settings.controllers; ++i)
        add(controller_name(i), "trigpoint-controller", stage_controllers);
    add("api", "trigpoint-api", stage_api);
    return out;
}

void say_ready(up_plan const& plan, std::string const& registry_key)
{
    auto const& chosen = plan.settings;
    auto const row = [](char const* title, std::string const& text) {
        std::string start(title);
        start.resize(15, ' ');
        std::cout << start << text << '\n';
    };
    for (auto const& each : plan.advertise) {
        if (chosen.http_port >= 0) row("API", "http://" + with_port(each, chosen.http_port) + '/');
        if (chosen.https_port >= 0) row("API", "https://" + with_port(each, chosen.https_port) + '/');
    }
    row("Admin key", "in " + plan.places.admin_key().string());
    for (auto const& each : plan.advertise) row("Registry", with_port(each, chosen.registry_port));
    row("Registry key", registry_key);
    std::cout << "READY" << std::endl;
}

/// Everything that runs, until it has ended.
class platform {
public:
    platform(up_plan const& plan, std::vector<child_rules> programs, std::string registry_key)
        : plan_(plan),
          registry_key_(std::move(registry_key)),
          programs_(io_, std::move(programs), [this] { signals_.cancel(); })
    {
    }

    int run()
    {
        signals_.async_wait([this](error_code ec, int number) {
            if (ec) return;
            log::info("up", std::string("stopping: signal ") + ::strsignal(number));
            stop();
        });
        auto ended = [this](std::exception_ptr thrown, result<void> outcome) {
            expect_cancelled(thrown);
            if (stopping_) return;
            if (outcome) return say_ready(plan_, registry_key_);
            code_ = exit_failed;
            stop();
        };
        asio::co_spawn(io_, bring_up(io_, programs_, plan_), asio::bind_cancellation_slot(cancel_.slot(), ended));
        io_.run();
        return code_;
    }

private:
    void stop()
    {
        stopping_ = true;
        cancel_.emit(asio::cancellation_type::terminal);
        programs_.stop();
    }

    up_plan const& plan_;
    std::string registry_key_;
    asio::io_context io_{1};
    asio::signal_set signals_{io_, SIGINT, SIGTERM, SIGHUP};
    asio::cancellation_signal cancel_;
    children programs_;
    bool stopping_ = false;
    int code_ = exit_ok;
};

/// libpq and PostgreSQL read PGHOST, PGDATA, PGOPTIONS and more; with a private cluster they would only mislead.
void forget_postgres_variables()
{
    std::vector<std::string> names;
    for (auto** each = environ; *each != nullptr; ++each) {
        std::string_view const text(*each);
        if (text.starts_with("PG")) names.emplace_back(text.substr(0, text.find('=')));
    }
    for (auto const& name : names) ::unsetenv(name.c_str());
}

/// Another program on one of our ports would be taken for ours. What an `up` that was killed has left ends within
/// moments.
std::optional<trouble> find_ports(up_plan const& plan)
{
    constexpr std::chrono::seconds leftovers_limit{5};
    constexpr std::chrono::milliseconds pause{100};
    std::vector<int> ports{plan.settings.registry_port, plan.settings.http_port, plan.settings.https_port};
    for (unsigned i = 0; i < plan.settings.controllers; ++i) ports.push_back(plan.settings.controller_port(i));
    auto const until = std::chrono::steady_clock::now() + leftovers_limit;
    for (auto const& address : plan.listen) {
        for (auto const port : ports) {
            for (; port > 0; std::this_thread::sleep_for(pause)) {
                auto const ec = try_to_listen(address, static_cast<std::uint16_t>(port));
                if (!ec) break;
                if (ec != asio::error::address_in_use || std::chrono::steady_clock::now() > until)
                    return trouble{"cannot listen on " + with_port(address, port) + ": " + ec.message()};
            }
        }
    }
    return std::nullopt;
}

}  // namespace

int up(up_options const& options)
{
    up_plan plan;
    fs::path folder;
    std::optional<postgres_setup> postgres;
    if (auto const wrong = make_plan(options, plan)) return give_up(*wrong, exit_usage);
    if (auto const wrong = find_programs(folder)) return give_up(*wrong, exit_usage);
    if (plan.database_url.empty()) {
        forget_postgres_variables();
        postgres.emplace();
        if (auto const wrong = find_postgres(plan, *postgres)) return give_up(*wrong, exit_usage);
    }
    if (auto const wrong = make_folders(plan, postgres)) return give_up(*wrong, exit_usage);
    auto const lock = folder_lock::take(plan.places.lock());
    if (!lock && lock.error() == errc::conflict)
        return give_up({"another `trigpoint up` is using " + plan.places.data.string()}, exit_failed);
    if (!lock) return give_up({plan.places.lock().string() + ": " + lock.error().message()}, exit_failed);
    if (auto const wrong = find_ports(plan)) return give_up(*wrong, exit_failed);
    if (postgres) {
        if (auto const wrong = make_cluster(plan, *postgres)) return give_up(*wrong, exit_failed);
    }
    std::string registry_key;
    if (auto const wrong = write_files(plan, registry_key)) return give_up(*wrong, exit_failed);
    return platform(plan, programs_of(plan, folder, postgres), std::move(registry_key)).run();
}

}  // namespace tp::cli
