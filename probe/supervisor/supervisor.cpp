#include "probe/supervisor/supervisor.hpp"

#include <sys/wait.h>

#include <csignal>
#include <random>

#include "base/log.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/firmware/own_slot.hpp"
#include "probe/supervisor/child.hpp"

namespace tp::supervisor {
namespace {

constexpr char const* component = "supervisor";
constexpr int passed_on[] = {SIGHUP, SIGUSR1, SIGUSR2};
constexpr int endings[] = {SIGTERM, SIGINT};

steady_time steady_now()
{
    return std::chrono::steady_clock::now();
}

sigset_t waited_for()
{
    sigset_t out;
    ::sigemptyset(&out);
    ::sigaddset(&out, SIGCHLD);
    for (int const each : passed_on) ::sigaddset(&out, each);
    for (int const each : endings) ::sigaddset(&out, each);
    return out;
}

supervision::options options_of(arguments const& with)
{
    supervision::options out;
    out.commit_within = with.commit_within;
    return out;
}

/// A lock that cannot be had is no reason to start nothing.
std::optional<firmware::folder_lock> lock(std::filesystem::path const& folder)
{
    auto held = firmware::folder_lock::take(folder);
    if (held) return std::move(*held);
    log::warning(component, "changes slots without the lock: " + held.error().message());
    return std::nullopt;
}

}  // namespace

supervisor::supervisor(arguments with)
    : with_(std::move(with)), slots_(disk_, with_.places()), decides_(options_of(with_), std::random_device()())
{
}

int supervisor::run()
{
    auto const signals = waited_for();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    for (;;) {
        auto const step = decides_.next(steady_now());
        switch (step.is) {
            case supervision::action::start:
                start();
                break;
            case supervision::action::look:
                look();
                break;
            case supervision::action::signal:
                ::kill(child_, step.number);
                break;
            case supervision::action::kill:
                log::warning(component, "it does not end: it is killed");
                ::kill(child_, SIGKILL);
                break;
            case supervision::action::give_up:
                give_up(step.why);
                break;
            case supervision::action::wait:
                wait(step.until);
                break;
            case supervision::action::leave:
                return step.number;
        }
    }
}

void supervisor::start()
{
    auto const held = lock(slots_.folder());
    auto const prepared = firmware::prepare_start(slots_, with_.tries);
    if (!prepared) {
        bool const none = prepared.error() == errc::not_found;
        log::error(component, none ? "there is no program that may run" : prepared.error().message());
        return decides_.not_started(steady_now(), firmware::cause::none);
    }
    which_ = prepared->which;
    release_ = prepared->program.content.release;
    auto const name = firmware::folder_of(which_, release_);
    if (!prepared->counted) log::error(component, "the disk takes nothing: starts are not counted");
    std::vector<std::string> words{slots_.contents().program(which_, release_).string()};
    words.insert(words.end(), with_.passed_on.begin(), with_.passed_on.end());
    auto const child = run_program(prepared->program.file->descriptor(), std::move(words),
                                   firmware::environment_of({with_.places(), {which_, release_}}));
    if (!child) {
        log::error(component, name + " cannot be run: " + child.error().message());
        bool const over = prepared->trial && will_never_run(child.error());
        return decides_.not_started(steady_now(), over ? firmware::cause::not_started : firmware::cause::none);
    }
    log::info(component, "runs " + name + (prepared->trial ? ", on trial" : ""));
    child_ = *child;
    decides_.started(steady_now(), prepared->trial);
}

void supervisor::look()
{
    auto const known = slots_.load();
    std::optional<bool> committed;
    if (known) committed = known->state.of(which_).is != firmware::standing::ready;
    decides_.looked(steady_now(), committed);
}

void supervisor::give_up(firmware::cause why)
{
    auto const held = lock(slots_.folder());
    auto const name = firmware::folder_of(which_, release_);
    log::error(component, name + " is given up: " + std::string(firmware::meaning_of(why)));
    if (auto const given = firmware::give_up(slots_, which_, release_, why); !given)
        log::error(component, "which cannot be written down: " + given.error().message());
}

void supervisor::wait(std::optional<steady_time> until)
{
    auto const signals = waited_for();
    siginfo_t about{};
    int signal = -1;
    if (until) {
        auto const left =
            std::max(std::chrono::ceil<std::chrono::milliseconds>(*until - steady_now()), std::chrono::milliseconds(0));
        timespec const limit{static_cast<std::time_t>(left.count() / 1000),
                             static_cast<long>(left.count() % 1000 * 1'000'000)};
        signal = ::sigtimedwait(&signals, &about, &limit);
    } else {
        signal = ::sigwaitinfo(&signals, &about);
    }
    if (signal > 0) heard(signal);
}

void supervisor::heard(int signal)
{
    if (signal == SIGCHLD) return reap();
    for (int const each : endings)
        if (signal == each) return decides_.asked_to_stop(steady_now(), signal);
    if (child_ > 0) ::kill(child_, signal);
}

void supervisor::reap()
{
    int status = 0;
    for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        if (ended != child_) continue;  // somebody's who left it to us
        child_ = 0;
        auto const exit_status = exit_status_of(status);
        log::info(component, firmware::folder_of(which_, release_) + " ended with " + std::to_string(exit_status));
        decides_.ended(steady_now(), exit_status);
    }
}

}  // namespace tp::supervisor
