#include <malloc.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "probe/agent/caps_text.hpp"
#include "probe/agent/command_line.hpp"
#include "probe/agent/configuration.hpp"
#include "probe/agent/factory_reset.hpp"
#include "probe/agent/firmware_keeper.hpp"
#include "probe/agent/kept.hpp"
#include "probe/agent/key_keeper.hpp"
#include "probe/agent/key_request.hpp"
#include "probe/agent/linking.hpp"
#include "probe/agent/measuring.hpp"
#include "probe/agent/privileges.hpp"
#include "probe/agent/show_log.hpp"
#include "probe/agent/system_calls.hpp"
#include "probe/agent/version.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/firmware/handed_over.hpp"
#include "probe/firmware/slots_text.hpp"
#include "probe/selftest/self_test.hpp"
#include "probe/together.hpp"
#include "probe/update/put_off.hpp"
#include "probe/update/status_text.hpp"
#include "probe/update/updater.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "probe";
constexpr int large_block = 128 * 1024;  // octets

/// Logs what went wrong. The exit status.
int fail(std::string const& what)
{
    log::error(component, what);
    return 1;
}

/// From root to the configured user, with the state folder his. Errors: a complaint.
boost::system::result<void, std::string> leave_root(configuration const& with)
{
    user_ids who{::geteuid(), ::getegid()};
    bool const change = !with.user.empty() && ::geteuid() == 0;
    if (change) {
        auto const found = find_user(with.user);
        if (!found) return "user " + with.user + ": " + found.error().message();
        who = *found;
    }
    if (auto const made = prepare_folder(with.state, who); !made)
        return with.state.string() + ": " + made.error().message();
    if (!change) return {};
    if (auto const became = become(who); !became) return "cannot become " + with.user + ": " + became.error().message();
    return {};
}

int print_key(configuration const& with)
{
    if (auto const left = leave_root(with); !left) return fail(left.error());
    auto const key = ssh::private_key::load_or_make(with.key());
    if (!key) return fail(with.key().string() + ": " + key.error().message());
    std::printf("%s\n", key->shared().text().c_str());
    return 0;
}

int rotate_key(configuration const& with)
{
    if (auto const left = leave_root(with); !left) return fail(left.error());
    return ask_for_new_key(with.state);
}

int reset(configuration const& with, bool sure)
{
    if (auto const left = leave_root(with); !left) return fail(left.error());
    return factory_reset(with.state, sure);
}

int test_device(configuration const& with, self_test_wish const& wanted)
{
    boost::asio::io_context io{1};
    auto sockets = opened_sockets::open(io.get_executor());
    if (auto const left = leave_root(with); !left) return fail(left.error());
    return self_test(with, wanted, io, std::move(sockets));
}

int print_caps(configuration const& with)
{
    kept_files const files(with.state);
    auto const text =
        caps_text(with.limits, files.platform_limits(), files.day(), local_time(wall_now(), with.utc_offset));
    std::fputs(text.c_str(), stdout);
    return 0;
}

int print_status(configuration const& with)
{
    firmware::real_disk disk;
    auto const known = firmware::slots_on_disk(disk, with.slots).load();
    bool const none = !known && known.error() == boost::system::errc::no_such_file_or_directory;
    if (!known && !none) return fail(with.slots.string() + ": " + known.error().message());
    auto const slots =
        none ? "no slots in " + with.slots.string() + ": no supervisor runs it\n" : firmware::slots_text(*known);
    std::fputs(slots.c_str(), stdout);
    if (with.updates_root.empty()) return 0;
    auto const updates = update::load_memory(update::memory_file(with.updates_folder()));
    auto const text =
        update::status_text(updates, with.updates, update::load_put_off(with.updates_folder()), wall_now());
    std::fputs(text.c_str(), stdout);
    return 0;
}

int postpone(configuration const& with, std::chrono::seconds length)
{
    if (auto const left = leave_root(with); !left) return fail(left.error());
    auto const until = wall_now() + length;
    if (auto const kept = update::save_put_off(with.updates_folder(), until); !kept)
        return fail(with.updates_folder().string() + ": " + kept.error().message());
    std::printf("updates that are not urgent wait until %s, or their deadline\n", log_time(until).c_str());
    return 0;
}

/// What the host trusts first; empty: nobody's signatures, and no updates.
std::string first_root(configuration const& with)
{
    if (with.updates_root.empty()) return {};
    auto octets = read_file(with.updates_root, tuf::limits().root);
    if (octets) return std::move(*octets);
    log::error(component, with.updates_root.string() + ": " + octets.error().message() + ": there are no updates");
    return {};
}

/// All parts, and the end of all at a signal.
void run_agent(boost::asio::io_context& io, boost::asio::cancellation_signal& stop, measuring& measures, linking& link,
               firmware_keeper& firmware, key_keeper& keys, update::updater& updates)
{
    std::vector<boost::asio::awaitable<void>> both;
    both.push_back(measures.run());
    both.push_back(link.run());
    both.push_back(firmware.run());
    both.push_back(keys.run());
    both.push_back(updates.run());
    boost::asio::signal_set ends(io, SIGINT, SIGTERM), reloads(io, SIGHUP);
    boost::asio::co_spawn(io, together(std::move(both)),
                          boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr thrown) {
                              ends.cancel();
                              reloads.cancel();
                              measures.finish();
                              link.finish();
                              expect_cancelled(thrown);
                          }));
    ends.async_wait([&](error_code ec, int) {
        if (!ec) stop.emit(boost::asio::cancellation_type::terminal);
    });
    std::function<void(error_code, int)> const on_reload = [&](error_code ec, int) {
        if (ec) return;
        measures.read_allow_list();
        reloads.async_wait(on_reload);
    };
    reloads.async_wait(on_reload);
    io.run();
}

int run(configuration const& with)
{
    // What is large goes back to the kernel when it is freed; glibc would otherwise learn from it and keep the next.
    ::mallopt(M_MMAP_THRESHOLD, large_block);
    boost::asio::io_context io{1};
    auto sockets = opened_sockets::open(io.get_executor());
    empty_bounding_set();
    if (auto const left = leave_root(with); !left) return fail(left.error());
    if (auto const dropped = drop_capabilities(); !dropped) return fail("capabilities: " + dropped.error().message());
    ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    if (auto const restricted = restrict_system_calls(); !restricted)  // an old kernel is no reason not to measure
        log::warning(component, "system calls are not restricted: " + restricted.error().message());

    auto const held = firmware::folder_lock::take(with.state);  // nobody else makes sequence numbers or keys here
    if (!held) return fail(with.state.string() + " is in use, or " + held.error().message());
    update::updater_options update_options{.folder = with.updates_folder(),
                                           .first_root = first_root(with),
                                           .from = firmware::own_slot_from_environment(),
                                           .hardware = with.hardware,
                                           .host = with.updates};
    auto key = ssh::private_key::load_or_make(with.key());
    if (!key) return fail(with.key().string() + ": " + key.error().message());
    kept_files const files(with.state);
    auto const boot = files.next_boot();
    if (!boot) return fail((with.state / "boot").string() + ": " + boot.error().message());
    auto results = spool::open(with.state / "spool", with.spool);
    if (!results) return fail((with.state / "spool").string() + ": " + results.error().message());

    log::info(component, std::string("version ") + software_version + ", start " + std::to_string(*boot) + ", key " +
                             key->shared().fingerprint());
    linking* link_there = nullptr;
    auto const on_news = [&link_there] {
        if (link_there) link_there->notify();
    };
    measuring measures(io.get_executor(), with, files, *boot, std::move(sockets), *results, on_news);
    measures.read_allow_list();
    firmware_keeper firmware(update_options.from, with.commit_after, std::chrono::steady_clock::now(),
                             {[&](std::function<void(bool)> done) { measures.check_self(std::move(done)); }, on_news});
    firmware::real_disk disk;
    key_keeper keys(disk, with.state, std::move(*key), on_news);
    known_places places(with, with.state / "registries");
    boost::asio::cancellation_signal stop;
    int exit_status = 0;
    update::updater updates(
        io.get_executor(), std::move(update_options),
        {.wall = wall_now,
         .on_news = on_news,
         .tell = [&](update::update_report what) { firmware.tell(std::move(what)); },
         .report = [&](std::string kind, std::string text) { measures.report_event(std::move(kind), std::move(text)); },
         .committed = [&] { return firmware.committed(); },
         .hand_over =
             [&] {
                 exit_status = firmware::handed_over;
                 stop.emit(boost::asio::cancellation_type::terminal);
             },
         .use_control =
             [&](control::content which, std::optional<std::string_view> octets) {
                 if (which != control::content::hosts) return measures.use_control(which, octets);
                 auto const used = places.use(octets);
                 if (link_there) link_there->places_changed();
                 return used;
             }});
    linking link(io.get_executor(), with, files, *boot, keys, *results, measures, firmware, updates, places);
    link_there = &link;
    run_agent(io, stop, measures, link, firmware, keys, updates);
    log::info(component, exit_status == 0 ? "stopped" : "stopped, to be replaced");
    return exit_status;
}

int command(std::vector<std::string_view> const& arguments)
{
    auto const line = command_line::read(arguments, wall_now());
    switch (line.is) {
        case command_line::what::help:
            std::fputs(usage, stdout);
            return 0;
        case command_line::what::version:
            std::printf("trigpoint-probe %s\n", software_version);
            return 0;
        case command_line::what::wrong:
            std::fputs(usage, stderr);
            return 2;
        default:
            break;
    }
    auto const from = firmware::own_slot_from_environment();
    // A key that came with a later release is no reason to stand still once that one has failed.
    bool const steps_in = from && firmware::steps_in_for_later(*from);
    auto const with =
        configuration::read(settings::read_file(line.config),
                            steps_in ? settings::unknown_keys::passed_over : settings::unknown_keys::refused);
    if (!with) return fail(with.error());
    if (with->verbose) log::set_level(log::level::debug);
    switch (line.is) {
        case command_line::what::key:
            return print_key(*with);
        case command_line::what::rotate_key:
            return rotate_key(*with);
        case command_line::what::selftest:
            return test_device(*with, line.tests);
        case command_line::what::factory_reset:
            return reset(*with, line.sure);
        case command_line::what::log:
            return show_log(with->state, line.wanted, line.follow);
        case command_line::what::caps:
            return print_caps(*with);
        case command_line::what::status:
            return print_status(*with);
        case command_line::what::postpone:
            return postpone(*with, line.length);
        default:
            return run(*with);
    }
}

}  // namespace
}  // namespace tp::probe

int main(int count, char** values)
{
    return tp::probe::command({values + 1, values + count});
}
