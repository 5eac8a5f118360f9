#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "probe/guard/quiet_hours.hpp"
#include "proto/kind_names.hpp"
#include "proto/messages.hpp"
#include "proto/options.hpp"

namespace tp::probe {

/// What measurements of one type may cost, within what all of them may. None: no limit but that.
struct type_caps {
    bool allowed = true;
    std::optional<unsigned> packets_per_second, jobs_at_once;
    std::optional<std::uint64_t> bits_per_second;
    bool operator==(type_caps const&) const = default;
};

/// What the probe's host lets measurements cost.
struct caps {
    unsigned packets_per_second = 200;  // sent, over all jobs; as many may go in one burst
    unsigned jobs_at_once = 500;
    std::chrono::seconds shortest_interval{1};
    unsigned largest_size = 2048;                                      // octets of payload
    std::optional<std::uint64_t> bits_per_second, bytes_per_day;       // sent and received; none: no limit
    unsigned http_body_bytes = proto::http_options::usual_body_bytes;  // of one answer
    quiet_hours quiet;                                                 // no packet goes then
    std::array<type_caps, proto::kind_names.size()> types{};

    type_caps& of(proto::result_kind kind) { return types.at(static_cast<std::size_t>(kind) - 1); }
    type_caps const& of(proto::result_kind kind) const { return types.at(static_cast<std::size_t>(kind) - 1); }
    bool operator==(caps const&) const = default;

    /// Nobody in the house notices: 1 Mbit/s at most, 200 MB a day.
    static caps home();
    /// For a machine in a rack that is there to be measured with.
    static caps anchor();
};

/// The host's caps, lowered to what the platform asks for where that is less.
caps lowered(caps host, proto::cap_limits const& platform);

}  // namespace tp::probe
