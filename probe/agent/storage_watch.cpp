#include "probe/agent/storage_watch.hpp"

#include <utility>

namespace tp::probe {

void storage_watch::saw(std::string_view what, error_code why, steady_time now, std::chrono::nanoseconds took)
{
    if (why) {
        last_ = trouble{std::string(what) + ": " + why.message(), now};
        return;
    }
    if (took <= slow) return;
    slow_.push_back(now);
    while (slow_.size() > slow_flushes) slow_.pop_front();
    if (slow_.size() < slow_flushes || now - slow_.front() > window) return;
    last_ = trouble{std::string(what) + ": " + std::to_string(slow_flushes) + " flushes of more than " +
                        std::to_string(slow.count()) + " s within an hour",
                    now};
}

std::optional<storage_watch::news> storage_watch::take_news(steady_time now)
{
    if (!last_) return std::nullopt;
    if (told_ && now - last_->at >= well_after) {
        last_.reset();
        told_.reset();
        return news{"storage_well", "no trouble within the last hour"};
    }
    bool const known = told_ && told_->text == last_->text && now - told_->at < told_again;
    if (known || now - last_->at >= well_after) return std::nullopt;
    told_ = trouble{last_->text, now};
    return news{"storage_failing", last_->text};
}

}  // namespace tp::probe
