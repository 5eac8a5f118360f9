#include "probe/agent/measuring.hpp"

#include <algorithm>
#include <cerrno>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "firmware-signing/control/prefix_list.hpp"
#include "probe/together.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "measure";

}  // namespace

measuring::measuring(boost::asio::any_io_executor executor, configuration const& from, kept_files files,
                     std::uint32_t boot, opened_sockets sockets, spool& results, std::function<void()> on_news)
    : executor_(std::move(executor)),
      configuration_(from),
      files_(std::move(files)),
      log_(from.state, from.log_octets),
      guard_(from.limits, target_policy(), std::chrono::steady_clock::now()),
      anchors_(from.trust, files_,
               {[this](anchors list) { guard_.set_anchors(std::move(list)); },
                [this](std::string kind, std::string text) { report_event(std::move(kind), std::move(text)); }}),
      blocks_(files_, {[this](std::vector<ip_prefix> list) { guard_.targets().set_blocked(std::move(list)); },
                       [this](std::string kind, std::string text) { report_event(std::move(kind), std::move(text)); }}),
      platform_limits_(files_.platform_limits()),
      resolver_(executor_),
      around_(executor_, guard_),
      engines_(executor_, guard_, resolver_, std::move(sockets)),
      runs_(executor_, {guard_, resolver_, engines_, around_, log_}, boot,
            [this](proto::result_item const& item) { keep(item); }),
      schedule_(files_.done()),
      results_(results),
      on_news_(std::move(on_news)),
      timer_(executor_)
{
    auto const day = files_.day();
    guard_.day() = day_budget(day.used, day.latest);
    guard_.set_platform_limits(platform_limits_, std::chrono::steady_clock::now());
    blocks_.restore();
    anchors_.start(wall_now());
    auto kept = files_.jobs();
    if (!kept) return;
    probe_ = kept->probe;
    runs_.set_probe(kept->probe);
    contact_ = kept_contact_ = kept->contact;
    schedule_.set_probe(kept->probe, clocks::now());
    schedule_.replace(std::move(kept->jobs), clocks::now());
}

boost::asio::awaitable<void> measuring::run()
{
    std::vector<boost::asio::awaitable<void>> both;
    both.push_back(engines_.run());
    both.push_back(look());
    both.push_back(around_.run());
    co_await together(std::move(both));
}

void measuring::finish()
{
    runs_.stop();
    resolver_.cancel();
    around_.stop();
    keep_jobs();
    keep_day(std::chrono::steady_clock::now());
    if (auto const flushed = log_.flush(); !flushed)
        log::error(component, "the host's log cannot be written: " + flushed.error().message());
    if (auto const flushed = results_.flush(); !flushed)
        log::error(component, "results may not be on the disk: " + flushed.error().message());
}

boost::asio::awaitable<void> measuring::look()
{
    for (;;) {
        auto const now = clocks::now();
        tick(now);
        auto const until = schedule_.until_next(now).value_or(longest_look);
        timer_.expires_at(now.steady + std::min<std::chrono::nanoseconds>(until, longest_look));
        co_await timer_.async_wait(as_values);
    }
}

void measuring::tick(clocks now)
{
    watch_clocks(now);
    guard_.look(local_time(now.wall, configuration_.utc_offset));
    around_.look(now.steady);
    anchors_.look(now.wall);
    forget_after_silence(now);
    run_due(now);
    flush(now);
    if (jobs_dirty_ && now.steady >= next_.keep_jobs) keep_jobs();
    auto const part = guard_.effective().bytes_per_day.value_or(0) / keep_day_parts;
    bool const much = guard_.day().unkept() >= std::max(part, least_day_part);
    if (guard_.day().changed() && (much || now.steady >= next_.keep_day)) keep_day(now.steady);
}

void measuring::watch_clocks(clocks now)
{
    auto const moved = schedule_.look(now);
    if (!moved) return;
    auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(*moved).count();
    log::warning(component, "the clock moved by " + std::to_string(seconds) + " s; all runs are planned anew");
    report_event("clock_jumped", "by " + std::to_string(seconds) + " s");
    if (!heard_) return;
    contact_ = now.wall - silence(now);
    jobs_changed();  // the kept contact is one by the clock before
}

/// Since a controller was heard. Across a restart only the clock on the wall tells; within one process a clock that is
/// set, as one is soon after boards without a battery have started, is no silence.
std::chrono::nanoseconds measuring::silence(clocks now) const
{
    return heard_ ? now.steady - *heard_ : now.wall - contact_;
}

void measuring::forget_after_silence(clocks now)
{
    if (schedule_.size() == 0 || silence(now) <= configuration_.jobs_kept) return;
    log::warning(component, "no controller was heard for too long: " + std::to_string(schedule_.size()) + " jobs stop");
    report_event("jobs_expired", std::to_string(schedule_.size()) + " jobs");
    schedule_.clear();
    keep_jobs();
}

void measuring::run_due(clocks now)
{
    auto due = schedule_.take_due(now);
    if (schedule_.take_done_changed()) {
        // First on the disk, then run: a crash in between costs one result, the other way round it could run twice.
        if (auto const kept = files_.keep(schedule_.done()); !kept)
            log::error(component, "finished one-offs cannot be remembered: " + kept.error().message());
    }
    for (auto& one : due) runs_.begin(std::move(one));
}

void measuring::keep(proto::result_item const& item)
{
    auto const kept = results_.append(item);
    storage_.saw("spool", kept.error(), std::chrono::steady_clock::now());
    if (kept.has_value() != disk_well_) {
        disk_well_ = kept.has_value();
        if (disk_well_)
            log::info(component, "results can be stored again");
        else
            log::error(component, "results are lost, they cannot be stored: " + kept.error().message());
    }
    on_news_();
}

void measuring::flush(clocks now)
{
    if (now.steady < next_.flush) return;
    next_.flush = now.steady + flush_every;
    if (results_.dirty()) {
        auto const before = std::chrono::steady_clock::now();
        auto const flushed = results_.flush();
        storage_.saw("spool", flushed.error(), now.steady, std::chrono::steady_clock::now() - before);
        if (!flushed && flushes_well_)
            log::error(component, "results may not be on the disk: " + flushed.error().message());
        flushes_well_ = flushed.has_value();
    }
    auto const logged = log_.flush();
    if (!logged && log_well_) log::error(component, "the host's log cannot be written: " + logged.error().message());
    log_well_ = logged.has_value();
    storage_.saw("log", logged.error(), now.steady);
    watch_storage(now.steady);
    if (auto const dropped = results_.take_dropped(); dropped > 0) {
        log::warning(component, std::to_string(dropped) + " results were dropped");
        report_event("spool_dropped", std::to_string(dropped) + " results");
    }
}

/// While the link still stands: a disk that fails takes the probe with it.
void measuring::watch_storage(steady_time now)
{
    if (results_.take_full()) storage_.saw("spool", error_code(ENOSPC, boost::system::system_category()), now);
    if (auto const why = results_.take_unreadable()) storage_.saw("spool", why, now);
    auto news = storage_.take_news(now);
    if (!news) return;
    if (news->kind == "storage_well")
        log::info(component, "the disk of the state folder gave no trouble for an hour");
    else
        log::error(component, "the disk of the state folder may be failing: " + news->text);
    report_event(std::move(news->kind), std::move(news->text));
}

bool measuring::read_allow_list()
{
    if (configuration_.allow_file.empty()) return true;
    auto const file = read_file(configuration_.allow_file, allow_list::largest_file);
    auto list = file ? parse_allow_list(*file) : allow_list{{}, file.error().message()};
    if (list.complaint)
        log::error(component, configuration_.allow_file.string() + ": " + *list.complaint);
    else
        log::info(component, std::to_string(list.prefixes.size()) + " blocks of targets are allowed by this host");
    guard_.targets().set_listed(std::move(list.prefixes));
    return !list.complaint;
}

void measuring::set_probe(probe_id probe)
{
    if (probe_ && probe_ != probe) schedule_.clear();  // jobs of the number that it had before
    probe_ = probe;
    runs_.set_probe(probe);
    schedule_.set_probe(probe, clocks::now());
}

void measuring::set_jobs(std::vector<proto::job> jobs)
{
    auto const left_out = schedule_.replace(std::move(jobs), clocks::now());
    if (left_out > 0) report_event("jobs_left_out", std::to_string(left_out) + " jobs are too many");
    log::info(component, std::to_string(schedule_.size()) + " jobs");
    jobs_changed();
}

void measuring::change_jobs(proto::job_change change)
{
    auto const left_out = schedule_.change(std::move(change.changed), change.removed, clocks::now());
    if (left_out > 0) report_event("jobs_left_out", std::to_string(left_out) + " jobs are too many");
    jobs_changed();
}

void measuring::jobs_changed()
{
    if (!jobs_dirty_) next_.keep_jobs = std::chrono::steady_clock::now() + keep_after;
    jobs_dirty_ = true;
    timer_.cancel();  // look() sees what is due now
}

void measuring::set_platform_limits(proto::cap_limits wish)
{
    if (wish == platform_limits_) return;
    platform_limits_ = std::move(wish);
    guard_.set_platform_limits(platform_limits_, std::chrono::steady_clock::now());
    log::info(component, "the platform's wishes for caps have changed");
    if (auto const kept = files_.keep(platform_limits_); !kept)
        log::error(component, "the platform's caps cannot be remembered: " + kept.error().message());
}

result<void> measuring::use_control(control::content which, std::optional<std::string_view> octets)
{
    if (which == control::content::anchors) return anchors_.use_target(octets, wall_now());
    auto const list = octets ? control::read_prefix_list(*octets) : std::vector<ip_prefix>();
    if (!list) return list.error();
    if (which == control::content::opt_out) guard_.targets().set_opted_out(prefix_set(*list));
    if (which == control::content::special_purpose) guard_.targets().set_special(prefix_set(*list));
    return {};
}

std::vector<proto::held_document> measuring::held_documents() const
{
    std::vector<proto::held_document> out;
    if (auto const version = anchors_.version()) out.push_back({std::string(proto::document_part::anchors), *version});
    if (blocks_.version() != 0) out.push_back({std::string(proto::blocks_document), blocks_.version()});
    return out;
}

void measuring::contact()
{
    auto const now = clocks::now();
    contact_ = now.wall;
    heard_ = now.steady;
    bool const old = contact_ - kept_contact_ > keep_contact_every || contact_ < kept_contact_;
    if (old && !jobs_dirty_) jobs_changed();
}

void measuring::keep_jobs()
{
    jobs_dirty_ = false;
    if (!probe_) return;
    kept_contact_ = contact_;
    auto const kept = files_.keep(kept_jobs{*probe_, contact_, schedule_.jobs()});
    storage_.saw("jobs", kept.error(), std::chrono::steady_clock::now());
    if (!kept) log::error(component, "jobs cannot be remembered: " + kept.error().message());
}

/// A crash loses what the day used since then: a part in `keep_day_parts` of what it may use, or an hour's.
void measuring::keep_day(steady_time now)
{
    next_.keep_day = now + keep_day_every;
    if (!guard_.day().changed()) return;
    auto const kept = files_.keep(kept_day{guard_.day().used(), wall_now(), guard_.day().latest()});
    storage_.saw("day", kept.error(), now);
    if (!kept) log::error(component, "the day's octets cannot be remembered: " + kept.error().message());
    guard_.day().kept();  // also if not: the next part is soon enough to try again
}

void measuring::report_event(std::string kind, std::string text)
{
    if (events_.size() == most_events) events_.pop_front();
    events_.push_back({wall_now(), std::move(kind), std::move(text)});
    on_news_();
}

std::vector<proto::event> measuring::take_events()
{
    auto const count = static_cast<std::ptrdiff_t>(std::min(events_.size(), proto::most_events));
    std::vector<proto::event> out(events_.begin(), events_.begin() + count);
    events_.erase(events_.begin(), events_.begin() + count);
    return out;
}

}  // namespace tp::probe
