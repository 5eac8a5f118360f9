#include "controller/instruction_rounds.hpp"

#include <utility>
#include <vector>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "store/director.hpp"

namespace tp::controller {

instruction_rounds::instruction_rounds(boost::asio::any_io_executor executor, store::database& database,
                                       sessions& present)
    : database_(database), sessions_(present), asking_(executor, asio::steady_timer::time_point::max())
{
}

void instruction_rounds::ask()
{
    asked_ = true;
    asking_.cancel();
}

boost::asio::awaitable<void> instruction_rounds::run()
{
    for (;;) {  // left by cancellation only
        while (!asked_) co_await asking_.async_wait(as_values);
        asked_ = false;
        auto const gone = co_await go_round();
        if (gone) continue;
        log::warning("controller", "instructions could not be handed out yet: " + gone.error().message());
        asked_ = true;
        co_await pause_for(pause);
    }
}

boost::asio::awaitable<result<void>> instruction_rounds::go_round()
{
    std::vector<store::handed_instruction> about;
    auto const present = sessions_.all();
    for (std::size_t i = 0; i < present.size(); ++i) {
        if (present[i]->handed().is_open()) about.push_back({present[i]->probe(), present[i]->handed().newest()});
        if (about.empty() || (about.size() < sessions_at_once && i + 1 < present.size())) continue;
        auto const found = co_await store::newer_instructions(database_, std::exchange(about, {}));
        if (!found) co_return found.error();
        for (auto const& each : *found) {
            if (auto const to = sessions_.find(each.probe)) to->instruct(each);
        }
    }
    co_return result<void>{};
}

}  // namespace tp::controller
