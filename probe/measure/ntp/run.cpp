#include "probe/measure/ntp/run.hpp"

#include <algorithm>

namespace tp::probe {
namespace {

proto::ntp_packet described(ntp_header const& from)
{
    proto::ntp_packet out;
    out.received = true;
    out.receive = from.receive;
    out.transmit = from.transmit;
    out.leap = from.leap;
    out.version = from.version;
    out.mode = from.mode;
    out.stratum = from.stratum;
    out.poll = from.poll;
    out.precision = from.precision;
    out.root_delay = from.root_delay;
    out.root_dispersion = from.root_dispersion;
    out.reference_id = from.reference_id;
    out.reference = from.reference;
    return out;
}

}  // namespace

ntp_run::ntp_run(proto::ntp_options options, steady_time start) : options_(options), due_(start), held_to_(start)
{
}

bool ntp_run::due(steady_time now) const noexcept
{
    return !done() && !flying_ && now >= held_to_;
}

steady_time ntp_run::next_event() const noexcept
{
    return flying_ ? flying_->ends : held_to_;
}

void ntp_run::settle(proto::ntp_packet what)
{
    report_.packets.push_back(std::move(what));
    flying_.reset();
}

void ntp_run::pass(steady_time now)
{
    if (!flying_ || now < flying_->ends) return;
    due_ = held_to_ = flying_->ends;
    settle({});
}

void ntp_run::sent(proto::ntp_time transmit, steady_time before)
{
    sent_any_ = true;
    flying_ = flight{transmit, {before, {}}, before + options_.timeout};
}

void ntp_run::not_sent(std::string why)
{
    proto::ntp_packet out;
    out.error = std::move(why);
    due_ = held_to_;
    settle(std::move(out));
}

void ntp_run::hold(steady_time until)
{
    if (until - due_ > longest_delay) return not_sent("too many packets");
    held_to_ = until;
}

void ntp_run::sent_stamp(wall_time kernel)
{
    if (flying_) flying_->sent.kernel = kernel;
}

ntp_run::taken ntp_run::reply(ntp_header const& got, stamp const& at, wall_time wall)
{
    bool const answers = flying_ && got.origin == flying_->transmit && got.mode == ntp_header::server_mode;
    bool const is_kiss = !kiss_code(got).empty();
    if (!answers || (got.transmit == 0 && !is_kiss)) {
        ++mismatched_;
        return taken::ignored;
    }
    auto const passed = between(flying_->sent, at);
    // The end by the wall clock, and the beginning that lies a measured time before it: a clock that was set in between
    // spoils neither.
    auto const received = at.kernel && passed.clock != proto::clock_kind::user ? *at.kernel : wall;
    auto const sent = received - passed.length;
    auto out = described(got);
    out.origin = to_ntp(sent);
    out.final = to_ntp(received);
    if (is_kiss) {
        out.error = "kiss-o'-death " + kiss_code(got);  // its timestamps mean nothing
    } else {
        auto const found = ntp_compare(sent, got.receive, got.transmit, received);
        out.offset = found.offset;
        out.round_trip = found.round_trip;
        clock_ = less_exact(clock_, passed.clock);
    }
    due_ = held_to_ = at.user;
    settle(std::move(out));
    return is_kiss ? taken::kiss : taken::yes;
}

void ntp_run::error(std::string words)
{
    if (!flying_) return;
    due_ = held_to_ = flying_->sent.user;
    proto::ntp_packet out;
    out.error = std::move(words);
    settle(std::move(out));
}

}  // namespace tp::probe
