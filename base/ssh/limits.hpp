#pragma once

#include <chrono>
#include <cstddef>

namespace tp::ssh {

/// What a peer may cost. libssh has none of these limits itself.
struct limits {
    std::size_t sessions = 19'000;                // the hard limit of open files here is 20,000
    std::size_t half_open = 1'000;                // before the subsystem is up
    std::size_t half_open_per_address = 64;       // strangers of one address: half-open, or nobody has vouched for them
    std::chrono::milliseconds handshake{10'000};  // from accept to the subsystem request
    std::size_t octets_before_login = 64 * 1024;
    unsigned login_attempts = 3;
    std::size_t largest_frame = 64 * 1024;     // octets, without the length in front
    std::size_t queued = 256 * 1024;           // octets waiting in each direction
    std::chrono::milliseconds stall{30'000};   // output that makes no progress
    std::chrono::milliseconds closing{2'000};  // for the last frames on a close in good order
};

}  // namespace tp::ssh
