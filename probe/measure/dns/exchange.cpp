#include "probe/measure/dns/exchange.hpp"

#include "probe/measure/dns/answer.hpp"
#include "probe/measure/dns/findings.hpp"

namespace tp::probe {

udp_exchange::udp_exchange(proto::dns_options const& options, ip_address server, steady_time now)
    : options_(options), server_(std::move(server)), when_(now)
{
    report_.server = server_;
    report_.port = port_of(options);
}

udp_exchange::step udp_exchange::due(steady_time now)
{
    if (state_ == state::waiting && now >= when_) time_out(now);
    if (state_ == state::ended) return step::end;
    return state_ == state::to_send && now >= when_ ? step::send : step::wait;
}

void udp_exchange::time_out(steady_time now)
{
    if (report_.retries >= options_.retry) return not_sent("timeout", std::to_string(options_.timeout.count()));
    ++report_.retries;
    state_ = state::to_send;
    when_ = now;
    asked_.reset();
}

void udp_exchange::hold(steady_time until, steady_time now)
{
    if (!asked_) asked_ = now;
    if (until - *asked_ > longest_hold) return not_sent("senderror", "the probe's budget is used up");
    when_ = until;
}

void udp_exchange::sent(std::string query, dns_cookie const& cookie, stamp at)
{
    id_ = static_cast<std::uint16_t>(static_cast<std::uint8_t>(query[0]) << 8 | static_cast<std::uint8_t>(query[1]));
    cookie_ = cookie;
    sent_ = at;
    ever_sent_ = true;
    state_ = state::waiting;
    when_ = at.user + options_.timeout;
    report_.at = at.kernel.value_or(wall_time{});
    if (options_.include_qbuf) report_.query = std::move(query);
}

void udp_exchange::not_sent(std::string name, std::string text)
{
    put_error(report_, std::move(name), std::move(text));
    end();
}

void udp_exchange::end() noexcept
{
    state_ = state::ended;
    when_ = steady_time::min();
}

bool udp_exchange::take(dns_arrival const& what)
{
    if (state_ != state::waiting || what.from != server_ || what.port != report_.port) return false;
    auto const id = message_id(what.message);
    if (!id) return false;
    if (*id != id_) return ++report_.wrong_ids, false;
    auto const trip = between(sent_, what.at);
    clock_ = trip.clock == proto::clock_kind::kernel ? proto::clock_kind::kernel_receive : trip.clock;
    report_.round_trip = trip.length;
    report_.ttl = what.ttl;
    report_.source = what.to;
    report_.cookie_mismatch = options_.set_cookie && has_another_cookie(what.message, cookie_);
    put_answer(report_, what.message, options_);
    end();
    return true;
}

}  // namespace tp::probe
