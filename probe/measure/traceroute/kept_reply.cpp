#include "probe/measure/traceroute/kept_reply.hpp"

#include <algorithm>

namespace tp::probe {
namespace {

/// What is packed.
proto::trace_reply common_part(proto::trace_reply const& reply)
{
    return {.from = reply.from, .round_trip = reply.round_trip, .ttl = reply.ttl, .size = reply.size};
}

}  // namespace

kept_reply::kept_reply(proto::trace_reply const& reply)
{
    if (!reply.from || !(common_part(reply) == reply)) {
        whole_ = std::make_unique<proto::trace_reply>(reply);
        return;
    }
    if (reply.round_trip) round_trip_ = reply.round_trip->count();
    size_ = static_cast<std::uint16_t>(reply.size);
    ttl_ = static_cast<std::uint8_t>(reply.ttl);
    family_ = reply.from->is_v4() ? 4 : 6;
    if (reply.from->is_v4()) {
        auto const octets = reply.from->to_v4().to_bytes();
        std::copy(octets.begin(), octets.end(), from_.begin());
    } else {
        from_ = reply.from->to_v6().to_bytes();
    }
}

proto::trace_reply kept_reply::unpack() const
{
    if (whole_) return *whole_;
    proto::trace_reply out;
    if (family_ == 0) return out;
    out.from = family_ == 4 ? ip_address(boost::asio::ip::address_v4({from_[0], from_[1], from_[2], from_[3]}))
                            : ip_address(boost::asio::ip::address_v6(from_));
    if (round_trip_ >= 0) out.round_trip = std::chrono::nanoseconds(round_trip_);
    out.ttl = ttl_;
    out.size = size_;
    return out;
}

}  // namespace tp::probe
