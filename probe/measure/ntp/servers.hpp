#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "base/ip_prefix.hpp"
#include "base/time.hpp"

namespace tp::probe {

/// How this probe behaves towards each time server, over all its runs: servers refuse clients that ask too often, and a
/// probe that many people measure with must not be one. Pure.
class ntp_servers {
public:
    /// Source: ntpd's own limits, `discard minimum` and `discard average`: what is closer is dropped or answered with a
    /// kiss-o'-death.
    static constexpr std::chrono::seconds least_spacing{2}, average_spacing{8};
    /// Packets that may go at `least_spacing` before the average counts: ntpd's, too.
    static constexpr int burst = 8;
    /// How long a server is left alone that said RATE, doubled at each further one; and DENY or RSTR.
    static constexpr std::chrono::minutes after_rate{15};
    static constexpr std::chrono::hours after_refusal{24};
    static constexpr std::size_t most_servers = 1024;  // what is known of the one asked longest ago is forgotten first

    struct answer {
        steady_time when;  // not before
        std::string kiss;  // the code for which the server is left alone until then; empty: it is only spaced
        bool now = false;  // go: it is booked
    };

    /// May a packet go to this server now?
    answer ask(ip_address const& server, steady_time now);
    /// The server answered with this kiss code. True for RATE, DENY and RSTR, which are obeyed; the others only inform.
    bool kissed(ip_address const& server, std::string const& code, steady_time now);
    std::size_t size() const noexcept { return known_.size(); }

private:
    struct record {
        steady_time last = steady_time::min();
        steady_time drained = steady_time::min();  // when the packets so far no longer count against the average
        steady_time silent_until = steady_time::min();
        std::string kiss;
        int rates = 0;
    };
    record& of(ip_address const& server);
    void make_room();

    std::map<ip_address, record> known_;
};

}  // namespace tp::probe
