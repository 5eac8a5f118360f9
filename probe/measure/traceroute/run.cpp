#include "probe/measure/traceroute/run.hpp"

#include <algorithm>

namespace tp::probe {

using std::chrono::nanoseconds;
using options_type = proto::traceroute_options;

trace_run::trace_run(settings with, steady_time start)
    : options_(with.options),
      duplicate_wait_(with.options.duplicate_timeout.value_or(options_type::usual_duplicate_timeout)),
      size_(with.size),
      asked_size_(with.size),
      headers_(with.headers),
      least_size_(with.least_size),
      window_(with.window),
      furthest_answer_(with.options.first_hop - 1),
      held_to_(start),
      held_since_(start),
      deaf_until_(start),
      last_answer_(start),
      ready_(start)
{
}

/// The hop that ends the trace, as far as is known: the first one of which nothing but final answers came. hops_.size()
/// if there is none.
std::size_t trace_run::last() const noexcept
{
    auto const found = std::find_if(hops_.begin(), hops_.end(), [](hop const& one) { return one.ends(); });
    return static_cast<std::size_t>(found - hops_.begin());
}

/// Of those that count.
bool trace_run::all_complete() const noexcept
{
    auto const count = std::min(last() + 1, hops_.size());
    return std::all_of(hops_.begin(), hops_.begin() + static_cast<std::ptrdiff_t>(count),
                       [](hop const& one) { return one.is == phase::complete; });
}

/// The next hop to ask, if another one may be asked now.
std::optional<unsigned> trace_run::next_distance() const noexcept
{
    if (hops_.empty()) return options_.first_hop;
    if (jumped_ || failed_ || last() < hops_.size()) return std::nullopt;
    unsigned const next = hops_.back().distance + 1U;
    if (next > options_.max_hops) return std::nullopt;
    auto const in_flight =
        std::count_if(hops_.begin(), hops_.end(), [](hop const& one) { return one.is != phase::complete; });
    if (in_flight >= static_cast<std::ptrdiff_t>(window_)) return std::nullopt;
    if (next - furthest_answer_ <= options_type::gap_limit) return next;
    if (in_flight != 0) return std::nullopt;
    return options_type::highest_hop;
}

/// When the next hop may be asked, if any.
steady_time trace_run::next_opening() const noexcept
{
    auto const free = std::max(ready_, held_to_);
    if (hops_.empty() || hops_.back().answered) return free;
    auto const& first = hops_.back().packets.front();
    return first.is == fate::unsent ? steady_time::max() : std::max(free, first.before + hop_pause);
}

void trace_run::open_next(steady_time now)
{
    auto const distance = next_distance();
    if (!distance || now < next_opening()) return;
    jumped_ = !hops_.empty() && *distance != hops_.back().distance + 1U;
    auto& one = hops_.emplace_back();
    one.packets.resize(options_.packets);
    one.replies.reserve(options_.packets);
    one.when = now;
    one.distance = static_cast<std::uint8_t>(*distance);
}

std::optional<trace_packet> trace_run::due(steady_time now)
{
    time_out(now);
    if (end_ || now < held_to_) return std::nullopt;
    auto const ready = [&](hop const& one) { return one.is == phase::to_send && one.when <= now; };
    auto const count = std::min(last() + 1, hops_.size());
    auto const end = hops_.begin() + static_cast<std::ptrdiff_t>(count);
    auto found = std::find_if(hops_.begin(), end, ready);
    if (found == end) {
        auto const before = hops_.size();
        open_next(now);
        if (hops_.size() == before) return std::nullopt;
        found = hops_.end() - 1;
    }
    auto const at = static_cast<unsigned>(found - hops_.begin());
    return trace_packet{.number = at * options_.packets + found->next, .hop = found->distance, .size = size_};
}

steady_time trace_run::next_event() const
{
    if (end_) return *end_;
    auto out = steady_time::max();
    for (auto const& one : hops_) {
        if (one.is == phase::waiting) out = std::min(out, one.when);
        if (one.is == phase::to_send) out = std::min(out, std::max(one.when, held_to_));
        if (one.ends()) break;
    }
    if (next_distance()) out = std::min(out, next_opening());
    return out;
}

bool trace_run::done(steady_time now)
{
    time_out(now);
    return end_ && now >= *end_;
}

bool trace_run::times_out(steady_time now) const noexcept
{
    if (end_) return *end_ <= now;
    return std::any_of(hops_.begin(), hops_.end(),
                       [now](hop const& one) { return one.is == phase::waiting && one.when <= now; });
}

void trace_run::sent(trace_packet const& what, steady_time before)
{
    auto& at = hops_[ordinal(what.number)];
    auto& one = at.packets[at.next];
    one.before = before;
    one.is = fate::pending;
    at.is = phase::waiting;
    at.when = before + options_.response_timeout;
    last_number_ = what.number;
    sent_any_ = true;
    held_ = false;
}

/// Nothing is sent behind a hop that could not be sent to.
void trace_run::not_sent(trace_packet const& what, std::string why, steady_time now)
{
    hops_.resize(ordinal(what.number) + 1);
    hops_.back().is = phase::complete;
    send_error_ = std::move(why);
    failed_ = true;
    settle(now);
}

bool trace_run::hold(steady_time until, steady_time now)
{
    if (!held_) held_since_ = now;
    held_ = true;
    held_to_ = until;
    return until - held_since_ <= longest_delay;
}

void trace_run::sent_stamp(unsigned number, wall_time kernel)
{
    auto const at = ordinal(number);
    if (at < hops_.size()) hops_[at].packets[number % options_.packets].kernel = kernel;
}

void trace_run::time_out(steady_time now)
{
    bool any = false;
    for (auto& one : hops_) {
        if (one.is != phase::waiting || one.when > now) continue;
        one.packets[one.next].is = fate::silent;
        if (one.replies.size() < proto::trace_hop::most_replies) one.replies.emplace_back();
        step_on(one, one.when);
        any = true;
    }
    if (any) settle(now);
}

/// To the hop's next packet.
void trace_run::step_on(hop& at, steady_time when)
{
    ++at.next;
    at.is = at.next == options_.packets ? phase::complete : phase::to_send;
    at.when = when;
}

void trace_run::settle(steady_time now)
{
    ready_ = now;
    if (end_ || !all_complete() || next_distance()) return;
    end_ = std::max(now, last_answer_ + duplicate_wait_);
}

void trace_run::answered(std::optional<unsigned> number, heard const& what)
{
    if (what.at.user < deaf_until_) return;
    if (!number) return answered_nameless(what);
    auto const at = ordinal(*number);
    auto const index = *number % options_.packets;
    if (at >= hops_.size() || hops_[at].packets[index].is == fate::unsent) return;
    take(hops_[at], index, what);
    settle(what.at.user);
}

void trace_run::take(hop& at, unsigned index, heard const& what)
{
    auto& one = at.packets[index];
    auto reply = what.reply;
    if (one.is == fate::silent) {
        // From the packet sent last. The hop's own last packet counts as followed by the next hop's first.
        unsigned const current = at.is == phase::waiting ? at.next : at.next - 1U;
        reply.late = std::max(current - index, 1U);
        return keep(at, reply);
    }
    stamp sent{.user = one.before, .kernel = {}};
    if (one.kernel != wall_time{}) sent.kernel = one.kernel;
    auto const took = between(sent, what.at);
    clock_ = less_exact(clock_, took.clock);
    reply.round_trip = took.length;
    reply.duplicate = one.is == fate::answered;
    keep(at, reply);
    last_answer_ = what.at.user;
    if (reply.duplicate) return;
    one.is = fate::answered;
    note(at, what);
    step_on(at, what.at.user + duplicate_wait_);
}

/// What the first answer to a packet means for the trace.
void trace_run::note(hop& at, heard const& what)
{
    at.answered = true;
    furthest_answer_ = std::max<unsigned>(furthest_answer_, at.distance);
    at.reached = at.reached || what.what == heard::says::reached;
    at.unreachable = at.unreachable || what.what == heard::says::unreachable;
    at.went_on = at.went_on || what.what == heard::says::go_on;
    if (what.reply.mtu) shrink(*what.reply.mtu);
}

/// As RIPE Atlas does: the packets after "too big" are made so that they fit.
void trace_run::shrink(unsigned mtu) noexcept
{
    if (mtu >= headers_ + least_size_) size_ = std::min(size_, mtu - headers_);
}

void trace_run::keep(hop& at, proto::trace_reply const& reply)
{
    if (at.replies.size() < proto::trace_hop::most_replies) at.replies.emplace_back(reply);
}

/// An answer that names no packet is one to the only packet that is out. If several are, it cannot be told from whose
/// distance it came: then the trace goes on with one packet at a time, which is exact.
void trace_run::answered_nameless(heard const& what)
{
    std::vector<hop*> waiting;
    for (auto& one : hops_)
        if (one.is == phase::waiting) waiting.push_back(&one);
    if (waiting.size() > 1) return one_at_a_time(what.at.user);
    if (waiting.size() == 1) {
        take(*waiting.front(), waiting.front()->next, what);
    } else {
        auto const at = ordinal(last_number_);
        auto const index = last_number_ % options_.packets;
        if (at >= hops_.size() || hops_[at].packets[index].is == fate::unsent) return;
        take(hops_[at], index, what);
    }
    settle(what.at.user);
}

/// Forgets the packets that are out, waits until their answers have come, and sends them again one by one.
void trace_run::one_at_a_time(steady_time now)
{
    window_ = 1;
    auto const first =
        std::find_if(hops_.begin(), hops_.end(), [](hop const& one) { return one.is != phase::complete; });
    auto oldest = now;
    for (auto at = first; at != hops_.end(); ++at)
        if (at->is == phase::waiting) oldest = std::min(oldest, at->packets[at->next].before);
    auto const stragglers = std::min<nanoseconds>(now - oldest + duplicate_wait_, options_.response_timeout);
    deaf_until_ = now + stragglers;
    first->is = phase::to_send;
    first->packets[first->next] = {};
    first->when = deaf_until_;
    hops_.resize(static_cast<std::size_t>(first - hops_.begin()) + 1);
    furthest_answer_ = options_.first_hop - 1;
    for (auto const& one : hops_)
        if (one.answered) furthest_answer_ = one.distance;
    ready_ = deaf_until_;
}

proto::trace_end trace_run::stopped_by() const noexcept
{
    if (auto const end = last(); end < hops_.size())
        return hops_[end].reached ? proto::trace_end::reached : proto::trace_end::unreachable;
    if (failed_) return proto::trace_end::send_error;
    return jumped_ ? proto::trace_end::gap_limit : proto::trace_end::hop_limit;
}

namespace {

/// How much of a report a reply takes, octets, rounded up.
std::size_t room_of(proto::trace_reply const& reply)
{
    constexpr std::size_t silence = 2, usual = 64, address = 18, object = 10, label = 14;
    if (!reply.from) return silence;
    auto out = usual + (reply.quoted_destination ? address : 0);
    if (!reply.extension) return out;
    for (auto const& one : reply.extension->objects) out += object + label * one.labels.size();
    return out;
}

}  // namespace

/// A report has its limit: a long path asked with many packets a hop loses the replies that do not fit.
proto::traceroute_report trace_run::report() const
{
    constexpr std::size_t hop_head = 8, spare = 4096;
    auto const count = std::min(last() + 1, hops_.size());
    std::size_t room = proto::largest_report - spare - count * hop_head;
    proto::traceroute_report out;
    out.protocol = options_.protocol;
    out.size = asked_size_;
    out.stopped_by = stopped_by();
    for (std::size_t i = 0; i < count; ++i) {
        auto& written = out.hops.emplace_back(proto::trace_hop{.hop = hops_[i].distance, .error = {}, .replies = {}});
        if (failed_ && i + 1 == hops_.size()) {
            written.error = send_error_;
            continue;
        }
        for (auto const& one : hops_[i].replies) {
            auto reply = one.unpack();
            auto const needed = room_of(reply);
            if (needed > room) break;
            room -= needed;
            written.replies.push_back(std::move(reply));
        }
    }
    return out;
}

}  // namespace tp::probe
