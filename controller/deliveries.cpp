#include "controller/deliveries.hpp"

namespace tp::controller {

steady_time deliveries::turn_of(probe_id probe, proto::result_batch const& batch, steady_time now)
{
    std::size_t octets = 0;
    for (auto const& item : batch.results) octets += item.report.size() + row;
    return by_probe_[probe].reserve(now, octets, kept_);
}

void deliveries::forget_idle(steady_time now)
{
    std::erase_if(by_probe_, [now](auto const& each) { return each.second.idle(now); });
}

}  // namespace tp::controller
