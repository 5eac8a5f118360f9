#include "probe/measure/ping/run.hpp"

#include <algorithm>

namespace tp::probe {

ping_run::ping_run(proto::ping_options options, ip_address target, steady_time start)
    : options_(options), target_(target), packets_(options.packets), due_(start), held_to_(start), end_(start)
{
}

std::optional<unsigned> ping_run::due(steady_time now) const
{
    if (next_ == packets_.size() || now < std::max(due_, held_to_)) return std::nullopt;
    return next_;
}

steady_time ping_run::next_event() const
{
    return next_ == packets_.size() ? end_ : std::max(due_, held_to_);
}

bool ping_run::done(steady_time now) const
{
    return next_ == packets_.size() && now >= end_;
}

/// To the next packet. One that went late does not make the following ones follow it in a burst.
void ping_run::advance(steady_time now)
{
    ++next_;
    due_ += options_.packet_interval;
    if (due_ < now) due_ = now + options_.packet_interval;
    held_to_ = due_;
    bool const any_sent = std::any_of(packets_.begin(), packets_.end(), [](auto const& one) { return one.was_sent; });
    end_ = any_sent ? now + reply_wait : now;  // nobody can answer what was never sent
    settle(now);
}

/// When every packet has its answer there is nothing left to wait for but its duplicates.
void ping_run::settle(steady_time now)
{
    bool const open = next_ < packets_.size() || std::any_of(packets_.begin(), packets_.end(), [](auto const& one) {
                          return !one.first && one.error.empty();
                      });
    if (!open) end_ = std::min(end_, now + duplicate_wait);
}

void ping_run::sent(steady_time before)
{
    packets_[next_].was_sent = true;
    packets_[next_].at.user = before;
    advance(before);
}

void ping_run::not_sent(std::string why, steady_time now)
{
    packets_[next_].error = std::move(why);
    advance(now);
}

bool ping_run::hold(steady_time until)
{
    if (until - due_ > longest_delay) {
        not_sent("too many packets", until);
        return false;
    }
    held_to_ = until;
    return true;
}

void ping_run::sent_stamp(unsigned number, wall_time kernel)
{
    if (number < next_) packets_[number].at.kernel = kernel;
}

void ping_run::reply(unsigned number, answer const& got)
{
    if (number >= next_ || !packets_[number].was_sent) return;
    auto& one = packets_[number];
    if (one.first)
        ++one.duplicates;
    else
        one.first = got;
    settle(got.at.user);
}

void ping_run::error(unsigned number, std::string words, ip_address const& from, steady_time now)
{
    if (number >= next_ || !packets_[number].was_sent || !packets_[number].error.empty()) return;
    packets_[number].error = std::move(words);
    packets_[number].error_from = from;
    settle(now);
}

proto::ping_report ping_run::report() const
{
    proto::ping_report out;
    out.size = options_.size;
    for (auto const& one : packets_) {
        proto::ping_packet described;
        described.duplicates = one.duplicates;
        if (one.first) {
            described.round_trip = between(one.at, one.first->at).length;
            described.late = *described.round_trip > reply_wait;
            described.ttl = one.first->ttl;
            if (one.first->size != options_.size) described.size = one.first->size;
            if (one.first->from != target_) described.source = one.first->from;
        } else {
            described.error = one.error;
            if (one.error_from && *one.error_from != target_) described.source = *one.error_from;
        }
        out.packets.push_back(std::move(described));
    }
    return out;
}

proto::clock_kind ping_run::clock() const
{
    auto out = proto::clock_kind::none;
    for (auto const& one : packets_)
        if (one.first) out = less_exact(out, between(one.at, one.first->at).clock);
    return out;
}

}  // namespace tp::probe
