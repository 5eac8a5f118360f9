#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "proto/findings.hpp"

namespace tp::probe {

/// A trace_reply in a sixth of its room, so that a thousand runs fit into a small probe: what most replies have is
/// packed, the rest is kept whole.
class kept_reply {
public:
    /// Silence.
    kept_reply() = default;
    explicit kept_reply(proto::trace_reply const& reply);

    proto::trace_reply unpack() const;
    bool silence() const noexcept { return family_ == 0 && !whole_; }

private:
    std::unique_ptr<proto::trace_reply> whole_;
    std::int64_t round_trip_ = -1;  // ns; -1: none
    std::array<std::uint8_t, 16> from_{};
    std::uint16_t size_ = 0;
    std::uint8_t family_ = 0, ttl_ = 0;  // family: 0, 4 or 6
};

}  // namespace tp::probe
