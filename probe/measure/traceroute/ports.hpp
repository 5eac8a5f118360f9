#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "probe/measure/traceroute/plan.hpp"

namespace tp::probe {

/// Whose our source ports are at present.
class trace_ports {
public:
    using owner = std::uint16_t;

    /// The port at this place of the range, or the next free one. Nothing if all are taken.
    std::optional<std::uint16_t> take(std::uint64_t place, owner of) noexcept
    {
        for (std::size_t tried = 0; tried < count; ++tried) {
            auto const at = static_cast<std::size_t>((place + tried) % count);
            if (owners_[at]) continue;
            owners_[at] = of;
            return static_cast<std::uint16_t>(first_trace_port + at);
        }
        return std::nullopt;
    }
    void give_back(std::uint16_t port) noexcept
    {
        if (is_ours(port)) owners_[port - first_trace_port].reset();
    }
    std::optional<owner> find(std::uint16_t port) const noexcept
    {
        if (!is_ours(port)) return std::nullopt;
        return owners_[port - first_trace_port];
    }

private:
    static constexpr std::size_t count = end_of_trace_ports - first_trace_port;
    static bool is_ours(std::uint16_t port) noexcept { return port >= first_trace_port && port < end_of_trace_ports; }

    std::array<std::optional<owner>, count> owners_{};
};

}  // namespace tp::probe
