#pragma once

#include <cstdint>
#include <optional>

#include "probe/measure/stamp.hpp"
#include "probe/measure/traceroute/answer.hpp"
#include "probe/measure/traceroute/plan.hpp"
#include "proto/findings.hpp"

/// What an answer says about the path. Pure.
namespace tp::probe {

/// When and from whom an answer came.
struct receipt {
    stamp at;
    ip_address from;
    std::optional<unsigned> ttl, tos;  // as the socket told them beside the packet
};

struct heard {
    enum class says : std::uint8_t { go_on, reached, unreachable };

    stamp at;
    says what = says::go_on;
    proto::trace_reply reply;  // all but its round trip, and whether it is late or a duplicate
};

/// Which packet an answer is to. None: it does not say.
struct naming {
    std::optional<unsigned> number;
};
/// Nothing for an answer that has our identifier or port, and is none to us all the same.
std::optional<naming> naming_of(trace_plan const& plan, trace_answer const& answer, ip_address const& from);

heard hear(trace_plan const& plan, trace_answer const& answer, receipt const& by);

}  // namespace tp::probe
