#include "probe/agent/measuring.hpp"

#include <algorithm>
#include <cerrno>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "firmware-signing/control/prefix_list.hpp"
#include "probe/agent/machine.hpp"
#include "probe/agent/version.hpp"
#include "probe/guard/nat64.hpp"
#include "probe/guard/target_text.hpp"
#include "probe/together.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "measure";

/// The findings of a run of this type that found nothing.
proto::findings nothing_found(proto::options const& told)
{
    using namespace proto;
    struct of {
        findings operator()(ping_options const& o) const { return ping_report{.size = o.size, .packets = {}}; }
        findings operator()(traceroute_options const& o) const
        {
            traceroute_report out;
            out.protocol = o.protocol;
            out.size = o.size;
            out.stopped_by = trace_end::send_error;
            return out;
        }
        findings operator()(dns_options const& o) const
        {
            return dns_report{.transport = o.transport, .by_resolvers = o.use_probe_resolver, .exchanges = {}};
        }
        findings operator()(http_options const& o) const
        {
            http_report out;
            out.method = o.method;
            return out;
        }
        findings operator()(tls_options const& o) const
        {
            tls_report out;
            out.port = o.port;
            return out;
        }
        findings operator()(ntp_options const&) const { return ntp_report{}; }
    };
    return std::visit(of{}, told);
}

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
      platform_limits_(files_.platform_limits()),
      resolver_(executor_),
      engines_(executor_, guard_, resolver_, std::move(sockets)),
      schedule_(files_.done()),
      results_(results),
      on_news_(std::move(on_news)),
      timer_(executor_),
      sequence_(std::uint64_t{boot} << 32)
{
    guard_.day() = day_budget(files_.day().used);
    guard_.set_platform_limits(platform_limits_, std::chrono::steady_clock::now());
    restore_blocks();
    learn_networks();
    anchors_.start(wall_now());
    auto kept = files_.jobs();
    if (!kept) return;
    probe_ = kept->probe;
    contact_ = kept_contact_ = kept->contact;
    schedule_.set_probe(kept->probe, clocks::now());
    schedule_.replace(std::move(kept->jobs), clocks::now());
}

boost::asio::awaitable<void> measuring::run()
{
    std::vector<boost::asio::awaitable<void>> both;
    both.push_back(engines_.run());
    both.push_back(look());
    both.push_back(learn_translation());
    co_await together(std::move(both));
}

void measuring::finish()
{
    stopping_ = true;
    resolver_.cancel();
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

/// RFC 7050: what the network answers for a name that has no IPv6 address carries the prefix of its NAT64.
boost::asio::awaitable<void> measuring::learn_translation()
{
    for (;;) {
        if (first_hops_.v6) {
            auto const found = co_await resolver_.resolve("ipv4only.arpa", proto::family::v6);
            set_translation(found);
        }
        co_await pause_for(translation_every);
    }
}

/// A network that does not answer has not changed for that.
void measuring::set_translation(result<std::vector<ip_address>> const& found)
{
    if (!found) return;
    std::vector<ip_prefix> prefixes;
    for (auto const& answer : *found)
        for (auto const& one : translation_prefixes(answer)) prefixes.push_back(one);
    guard_.targets().set_translation(std::move(prefixes));
}

void measuring::tick(clocks now)
{
    watch_clocks(now);
    guard_.look(local_time(now.wall, configuration_.utc_offset));
    if (nameservers_.look(now.steady)) guard_.targets().set_resolvers(nameservers_.all());
    anchors_.look(now.wall);
    forget_after_silence(now);
    run_due(now);
    flush(now);
    if (now.steady >= next_.networks) {
        next_.networks = now.steady + networks_every;
        learn_networks();
    }
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
}

void measuring::forget_after_silence(clocks now)
{
    if (schedule_.size() == 0 || now.wall - contact_ <= configuration_.jobs_kept) return;
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
    for (auto& one : due) begin(std::move(one));
}

void measuring::begin(due_run due)
{
    begun what{std::move(due.job), due.planned, running(), {}};
    if (auto const asked = guard_.may_run(what.job, what.beside); !asked)
        return failed(what, {proto::failure_source::guard, asked.said}, asked.why);
    what.counted = true;
    guard_.began(proto::kind_of(what.job.options));
    if (!proto::needs_target(what.job.options)) {
        auto const to = what.job.address;
        return start(std::move(what), to);
    }
    auto const resolved = what.job.address;
    if (resolved) return start_at(std::move(what), *resolved);
    find_target(std::move(what));
}

void measuring::find_target(begun what)
{
    auto const kind = kind_of_target(what.job.target);
    if (kind == target_text::first_hop || kind == target_text::second_hop)
        return start_at_near_hop(std::move(what), kind == target_text::first_hop);
    if (kind == target_text::neither)
        return failed(what, {proto::failure_source::target, "dns resolution failed: not a host name"});
    if (kind == target_text::address) {
        auto const to = parse_address(what.job.target).value();
        return start_at(std::move(what), to);
    }
    ++resolving_;
    boost::asio::co_spawn(executor_, resolve_and_start(std::move(what)), [this](std::exception_ptr thrown) {
        --resolving_;
        expect_cancelled(thrown);
    });
}

/// Bounded by resolver::limit; finish() ends it earlier.
boost::asio::awaitable<void> measuring::resolve_and_start(begun what)
{
    auto const from = std::chrono::steady_clock::now();
    auto const found = co_await resolver_.resolve(what.job.target, what.job.af);
    what.resolve_time = std::chrono::steady_clock::now() - from;
    if (stopping_) co_return;
    if (found)
        start_at(std::move(what), found->front());
    else
        failed(what, {proto::failure_source::resolver, "dns resolution failed: " + found.error().message()});
}

/// The target is somebody else's choice: what is exempt by the probe's own choice does not count.
void measuring::start_at(begun what, ip_address to)
{
    if (auto const asked = guard_.may_target(to); !asked)
        return failed(what, {proto::failure_source::guard, asked.said}, asked.why, to);
    start(std::move(what), to);
}

/// "first-hop": the router that this machine itself uses; "second-hop": the one behind it, as traces found it. Only
/// ping and traceroute may go there.
void measuring::start_at_near_hop(begun what, bool first)
{
    auto const hop = (first ? first_hops_ : second_hops_).of(what.job.af);
    if (!hop)
        return failed(what, {proto::failure_source::probe, "dns resolution failed: this probe does not know that hop"});
    auto const to = *hop;
    if (auto const asked = guard_.may_reach(proto::kind_of(what.job.options), to); !asked)
        return failed(what, {proto::failure_source::guard, asked.said}, asked.why, to);
    start(std::move(what), to);
}

void measuring::start(begun what, std::optional<ip_address> to)
{
    if (to && to->is_v4() != (what.job.af == proto::family::v4))
        return failed(what, {proto::failure_source::target, "address of another family"});
    auto* const by = engines_.of(proto::kind_of(what.job.options));
    if (!by) return failed(what, {proto::failure_source::probe, "unsupported"});
    order told{guard_.bounded(what.job), to, probe_};
    by->start(std::move(told), [this, what = std::move(what)](outcome found) { store(what, std::move(found)); });
}

proto::report measuring::report_of(begun const& what) const
{
    proto::report out;
    out.software = software_version;
    out.since_clock_sync = since_clock_sync();
    out.af = what.job.af;
    out.target = what.job.target;
    out.destination = what.job.address;
    out.resolve_time = what.resolve_time;
    out.planned = what.planned;
    out.jobs_beside = static_cast<unsigned>(what.beside);
    return out;
}

void measuring::failed(begun const& what, proto::failure why, std::string reason, std::optional<ip_address> to)
{
    outcome nothing;
    nothing.began = wall_now();
    nothing.target = to ? to : what.job.address;
    nothing.failed = std::move(why);
    nothing.why = std::move(reason);
    nothing.found = nothing_found(what.job.options);
    store(what, std::move(nothing));
}

/// For the host.
void measuring::note(begun const& what, outcome const& found)
{
    log_.write({found.began, what.job.measurement, proto::kind_of(what.job.options), what.job.target, found.target,
                found.cost, found.failed, found.why});
}

void measuring::store(begun const& what, outcome found)
{
    if (what.counted) guard_.ended(proto::kind_of(what.job.options));
    note(what, found);
    learn_second_hop(found);
    auto report = report_of(what);
    report.destination = found.target;
    report.source = found.source;
    report.clock = found.clock;
    report.failed = std::move(found.failed);
    report.found = std::move(found.found);
    auto octets = proto::encode(report);
    if (octets.size() > proto::largest_report) {
        report.failed = proto::failure{proto::failure_source::probe, "the result is too large"};
        report.found = nothing_found(what.job.options);
        octets = proto::encode(report);
    }
    keep({what.job.measurement, found.began, sequence_++, proto::kind_of(what.job.options), std::move(octets)});
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
    auto news = storage_.take_news(now);
    if (!news) return;
    if (news->kind == "storage_well")
        log::info(component, "the disk of the state folder gave no trouble for an hour");
    else
        log::error(component, "the disk of the state folder may be failing: " + news->text);
    report_event(std::move(news->kind), std::move(news->text));
}

void measuring::learn_networks()
{
    if (auto own = own_networks())
        guard_.targets().set_own(std::move(*own));
    else
        log::error(component, "own addresses cannot be read: " + own.error().message());
    auto const before = std::exchange(first_hops_, learn_first_hops());
    if (first_hops_.v4 != before.v4) second_hops_.v4.reset();
    if (first_hops_.v6 != before.v6) second_hops_.v6.reset();
    set_near_hops();
}

/// What a trace tells of the router behind the first one; an address of the probe's own networks would be none.
void measuring::learn_second_hop(outcome const& found)
{
    auto const* const trace = std::get_if<proto::traceroute_report>(&found.found);
    if (!trace || found.failed || !found.target) return;
    auto const hop = second_hop_of(*trace, *found.target);
    if (!hop || guard_.targets().is_own(*hop)) return;
    second_hops_.of(hop->is_v4() ? proto::family::v4 : proto::family::v6) = *hop;
    set_near_hops();
}

void measuring::set_near_hops()
{
    std::vector<ip_address> near;
    for (auto const& one : {first_hops_.v4, first_hops_.v6, second_hops_.v4, second_hops_.v6})
        if (one) near.push_back(*one);
    guard_.targets().set_near_hops(std::move(near));
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
    if (blocks_version_ != 0) out.push_back({std::string(proto::blocks_document), blocks_version_});
    return out;
}

void measuring::take_blocks(result<std::string> list)
{
    auto read = list ? proto::decode_blocks(*list) : result<proto::block_list>(list.error());
    if (!read) return report_event("document_refused", "blocks: " + read.error().message());
    blocks_version_ = read->version;
    auto const before = files_.blocks();
    bool const same = before && *before == *read;
    if (auto const kept = same ? result<void>() : files_.keep(*read); !kept)
        log::error(component, "the list of blocks cannot be remembered: " + kept.error().message());
    use_blocks(std::move(*read));
}

void measuring::use_blocks(proto::block_list list)
{
    log::info(component, std::to_string(list.prefixes.size()) + " address blocks are to be left alone");
    guard_.targets().set_blocked(std::move(list.prefixes));
}

/// Its version is told to no controller: that of another platform may mean another list by the same number.
void measuring::restore_blocks()
{
    auto kept = files_.blocks();
    if (kept) return use_blocks(std::move(*kept));
    if (kept.error() != boost::system::errc::no_such_file_or_directory)
        log::warning(component, "the list of blocks that was kept is not used: " + kept.error().message());
}

void measuring::contact()
{
    contact_ = wall_now();
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
    auto const kept = files_.keep(kept_day{guard_.day().used(), wall_now()});
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

void measuring::check_self(std::function<void(bool well)> done)
{
    auto const hop = first_hops_.v4 ? first_hops_.v4 : first_hops_.v6;
    proto::job job{.measurement = measurement_id::from(1).value()};
    job.af = hop && hop->is_v6() ? proto::family::v6 : proto::family::v4;
    job.options = proto::ping_options{.packets = 1};
    auto* const by = engines_.of(proto::result_kind::ping);
    bool const can = by && (by->can(proto::family::v4) || by->can(proto::family::v6));
    bool const may = hop && by && by->can(job.af) && guard_.may_run(job, running()) &&
                     guard_.may_reach(proto::result_kind::ping, *hop);
    if (!may) return done(can);
    by->start({std::move(job), *hop, probe_}, [done = std::move(done)](outcome found) {
        done(!found.failed || found.failed->source != proto::failure_source::probe);
    });
}

std::vector<proto::event> measuring::take_events()
{
    auto const count = static_cast<std::ptrdiff_t>(std::min(events_.size(), proto::most_events));
    std::vector<proto::event> out(events_.begin(), events_.begin() + count);
    events_.erase(events_.begin(), events_.begin() + count);
    return out;
}

}  // namespace tp::probe
