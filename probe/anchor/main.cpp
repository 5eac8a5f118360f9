#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string_view>

#include "base/log.hpp"
#include "probe/agent/privileges.hpp"
#include "probe/anchor/service.hpp"

namespace tp::anchor {
namespace {

constexpr char const* component = "anchor";
constexpr char const* usage =
    "trigpoint-anchor --config FILE\n"
    "Answers measurements: HTTP, HTTPS and DNS. Every key of the file, with its default: trigpoint-anchor.toml in the\n"
    "documentation. SIGHUP reads the certificate again; SIGTERM and SIGINT end it in good order.\n";

/// From root to the configured user, with the state folder his, and without capabilities. What is bound stays so.
bool leave_privileges(config const& chosen)
{
    auto const fail = [](std::string const& what, error_code why) {
        log::error(component, what + ": " + why.message());
        return false;
    };
    bool const change = !chosen.user.empty() && ::geteuid() == 0;
    probe::empty_bounding_set();
    probe::user_ids who{::geteuid(), ::getegid()};
    if (change) {
        auto const found = probe::find_user(chosen.user);
        if (!found) return fail("user " + chosen.user, found.error());
        who = *found;
    }
    auto const folder = probe::prepare_folder(chosen.state, who);
    if (!folder) return fail(chosen.state.string(), folder.error());
    if (change) {
        auto const became = probe::become(who);
        if (!became) return fail("cannot become " + chosen.user, became.error());
    }
    auto const dropped = probe::drop_capabilities();
    return dropped ? true : fail("capabilities", dropped.error());
}

void run(boost::asio::io_context& io, service& serving)
{
    boost::asio::signal_set ends(io, SIGINT, SIGTERM), reloads(io, SIGHUP);
    ends.async_wait([&](error_code error, int) {
        if (error) return;
        serving.stop();
        reloads.cancel();
    });
    std::function<void(error_code, int)> const reload = [&](error_code error, int) {
        if (error) return;
        auto const loaded = serving.load_certificate();
        log::info(component, loaded ? "the certificate was read again" : "the former certificate stays");
        reloads.async_wait(reload);
    };
    reloads.async_wait(reload);
    serving.start();
    std::puts("READY");
    std::fflush(stdout);
    io.run();
    log::info(component, "stopped");
}

int serve(config const& chosen)
{
    boost::asio::io_context io{1};
    service serving(io, chosen);
    auto const bound = serving.listen();
    if (!bound || !leave_privileges(chosen)) return EXIT_FAILURE;
    auto const loaded = serving.load_certificate();  // as whoever will read it again
    if (!loaded) return EXIT_FAILURE;
    run(io, serving);
    return EXIT_SUCCESS;
}

int run_program(int count, char** arguments)
{
    std::string_view const option = count > 1 ? arguments[1] : "";
    if (count == 2 && (option == "--help" || option == "-h")) {
        std::fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    if (count != 3 || option != "--config") {
        std::fputs(usage, stderr);
        return 2;
    }
    auto from = settings::read_file(arguments[2]);
    auto const chosen = read_config(from);
    if (auto const complaint = from.finish()) {
        std::fprintf(stderr, "trigpoint-anchor: %s\n", complaint->c_str());
        return 2;
    }
    return serve(chosen);
}

}  // namespace
}  // namespace tp::anchor

int main(int count, char** arguments)
{
    return tp::anchor::run_program(count, arguments);
}
