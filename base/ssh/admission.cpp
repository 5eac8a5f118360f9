#include "base/ssh/admission.hpp"

#include <algorithm>

#include "base/customer.hpp"

namespace tp::ssh {
namespace {

allowance allowance_of(limits const& chosen)
{
    auto const places = std::max<std::size_t>(chosen.half_open_per_address, 1);
    auto const refill = admission::rest / static_cast<std::chrono::milliseconds::rep>(places);
    return {static_cast<unsigned>(places) * admission::strangers_for_a_place,
            std::max(refill, std::chrono::milliseconds{1})};
}

/// Of `most`, the part that is free, rounded up. @pre taken < places.
std::size_t free_part(std::size_t most, std::size_t taken, std::size_t places)
{
    return (most * (places - taken) + places - 1) / places;
}

}  // namespace

admission::admission(limits const& limits) : limits_(limits), ended_as_strangers_(allowance_of(limits))
{
}

/// @pre there is room.
std::size_t admission::most_of_one_source() const noexcept
{
    auto const most = limits_.half_open_per_address;
    auto const known = sessions_ - strangers_;
    return std::min(free_part(most, half_open_, limits_.half_open),
                    free_part(most, strangers_, limits_.sessions - known));
}

admission::verdict admission::ask(ip_address const& from, steady_time now) const
{
    if (sessions_ >= limits_.sessions || half_open_ >= limits_.half_open) return verdict::full;
    if (ended_as_strangers_.exhausted(from, now)) return verdict::source_waits;
    auto const found = by_source_.find(customer_of(from));
    bool const full = found != by_source_.end() && found->second >= most_of_one_source();
    return full ? verdict::source_full : verdict::welcome;
}

void admission::enter(ip_address const& from)
{
    ++sessions_;
    ++strangers_;
    ++half_open_;
    ++by_source_[customer_of(from)];
}

void admission::no_stranger(ip_address const& from)
{
    --strangers_;
    auto const found = by_source_.find(customer_of(from));
    if (--found->second == 0) by_source_.erase(found);
}

void admission::leave(ip_address const& from, standing as, steady_time now)
{
    --sessions_;
    if (as == standing::known) return;
    if (as == standing::half_open) --half_open_;
    no_stranger(from);
    ended_as_strangers_.take(from, now);
}

}  // namespace tp::ssh
