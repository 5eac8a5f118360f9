#include "controller/farewells.hpp"

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "store/fleet.hpp"

namespace tp::controller {

farewells::farewells(boost::asio::any_io_executor executor, store::database& database)
    : database_(database), arrival_(executor, asio::steady_timer::time_point::max())
{
}

void farewells::add(probe_id probe, std::int64_t session, session_ending why)
{
    if (waiting_.size() == most) {
        log::warning("controller", "the end of the session of probe " + probe.text() + " is not recorded");
        return;
    }
    waiting_.push_back({probe, session, std::move(why)});
    arrival_.cancel();
}

boost::asio::awaitable<void> farewells::run()
{
    for (;;) {  // left by cancellation only
        while (waiting_.empty()) co_await arrival_.async_wait(as_values);
        auto const first = waiting_.front();
        auto const written = co_await store::session_closed(database_, first.probe, first.session, first.why.reason,
                                                            first.why.by_platform, first.why.answered);
        bool const again = !written && (written.error() == errc::unavailable || written.error() == errc::timed_out);
        if (again)
            co_await pause_for(pause);
        else
            waiting_.pop_front();
    }
}

}  // namespace tp::controller
