#include "probe/schedule/done_list.hpp"

#include <algorithm>

namespace tp::probe {

bool done_list::has(measurement_id measurement) const noexcept
{
    return std::find(ring_.begin(), ring_.end(), measurement) != ring_.end();
}

void done_list::add(measurement_id measurement)
{
    if (has(measurement)) return;
    if (ring_.size() < most) return ring_.push_back(measurement);
    ring_[oldest_] = measurement;
    oldest_ = (oldest_ + 1) % most;
}

std::string done_list::encode() const
{
    std::string out;
    for (std::size_t i = 0; i < ring_.size(); ++i) out += ring_[(oldest_ + i) % ring_.size()].text() + '\n';
    return out;
}

result<done_list> done_list::decode(std::string_view octets)
{
    done_list out;
    while (!octets.empty()) {
        auto const end = octets.find('\n');
        if (end == octets.npos || out.ring_.size() == most) return errc::malformed;
        auto const id = measurement_id::parse(octets.substr(0, end));
        if (!id) return errc::malformed;
        out.ring_.push_back(*id);
        octets.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace tp::probe
