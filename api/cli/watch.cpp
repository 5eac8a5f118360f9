#include "api/cli/watch.hpp"

#include <unistd.h>

#include <boost/json.hpp>
#include <iostream>
#include <thread>

#include "api/cli/json.hpp"
#include "api/cli/shown/seen_results.hpp"
#include "api/cli/shown/tally.hpp"
#include "api/cli/table.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;
using std::chrono::seconds;
using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds between_polls{1'000};

constexpr std::int64_t status_stopped = 4;  // and above: it has ended (ATLAS API, measurement status)

/// A line at the bottom of a terminal that keeps changing; nothing elsewhere.
class progress {
public:
    void show(std::string const& text)
    {
        if (terminal_) std::cerr << "\r\033[K" << text << std::flush;
    }
    void clear() { show(""); }

private:
    bool terminal_ = ::isatty(STDERR_FILENO) == 1;
};

class watcher {
public:
    watcher(remote& api, watch_plan const& plan) : api_(api), plan_(plan) {}

    int run()
    {
        for (;;) {
            if (!read_measurement() || !read_results()) return progress_.clear(), api_.code();
            state_.elapsed = std::chrono::duration_cast<seconds>(clock::now() - begun_);
            state_.answered = seen_.probes();
            if (watch_ends(plan_, state_)) break;
            progress_.show(std::to_string(state_.answered) + " of " + std::to_string(state_.expected) +
                           " probes answered, " + std::to_string(state_.elapsed.count()) + " s");
            std::this_thread::sleep_for(between_polls);
        }
        progress_.clear();
        if (!plan_.as_json) std::cout << '\n' << tally_.text(state_.expected);
        if (!tally_.empty()) return exit_ok;
        std::cerr << "trigpoint: no results" << (status_.empty() ? "" : "; the measurement is: " + printable(status_))
                  << '\n';
        return exit_failed;
    }

private:
    std::string path() const { return "measurements/" + std::to_string(plan_.measurement) + '/'; }

    bool read_measurement()
    {
        auto const answer = api_.ask("GET", path());
        if (!answer) return false;
        auto const* object = answer->if_object();
        if (object == nullptr) return true;
        auto expected = integer_in(*object, "participant_count");
        if (!expected) expected = integer_in(*object, "probes_scheduled");
        state_.expected = static_cast<std::size_t>(std::max<std::int64_t>(0, expected.value_or(0)));
        auto const* status = object_in(*object, "status");
        if (status != nullptr) status_ = text_in(*status, "name");
        auto const over = status != nullptr && integer_in(*status, "id").value_or(0) >= status_stopped;
        if (over && !state_.over) over_since_ = clock::now();
        state_.over = over;
        state_.over_for = over ? std::chrono::duration_cast<seconds>(clock::now() - over_since_) : seconds(0);
        return true;
    }

    bool read_results()
    {
        auto const from = seen_.ask_from();
        auto const answer = api_.ask("GET", path() + "results/" + (from ? "?start=" + std::to_string(*from) : ""));
        if (!answer) return false;
        if (auto const* list = answer->if_array()) {
            for (auto const& each : *list) take(each);
        }
        return true;
    }

    void take(json::value const& each)
    {
        auto const result = read_result(each);
        if (!result || !seen_.take(*result)) return;
        tally_.add(*result);
        progress_.clear();
        std::cout << (plan_.as_json ? json::serialize(each) : line_of(*result)) << std::endl;
    }

    remote& api_;
    watch_plan const& plan_;
    clock::time_point begun_ = clock::now(), over_since_{};
    watch_state state_;
    std::string status_;  // of the measurement, in the API's words
    seen_results seen_;
    tally tally_;
    progress progress_;
};

}  // namespace

bool watch_ends(watch_plan const& plan, watch_state const& state) noexcept
{
    if (state.over && (state.expected == 0 || state.over_for >= plan.late)) return true;
    if (plan.one_off && state.expected > 0 && state.answered >= state.expected) return true;
    if (plan.one_off) return state.elapsed >= plan.patience;
    return plan.runs_for && state.elapsed >= *plan.runs_for + plan.patience;
}

int watch(remote& api, watch_plan const& plan)
{
    return watcher(api, plan).run();
}

}  // namespace tp::cli
