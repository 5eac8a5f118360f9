// Any packet answers one of our requests or is passed over; what is read lies within it.
#include "probe/measure/ping/echo.hpp"

namespace {

void check(std::optional<tp::probe::echo_answer> const& answer, tp::probe::octets_view packet)
{
    if (!answer || answer->payload.empty()) return;
    auto const* const first = answer->payload.data();
    if (first < packet.data() || first + answer->payload.size() > packet.data() + packet.size()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    tp::probe::octets_view const packet(data, size);
    check(tp::probe::read_v4_packet(packet), packet);
    check(tp::probe::read_v4_message(packet), packet);
    check(tp::probe::read_v6_message(packet), packet);
    return 0;
}
