// Any packet is a header or is passed over, and whatever its timestamps say can be compared with ours.
#include "probe/measure/ntp/packet.hpp"
#include "probe/measure/ntp/run.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace tp;
    using namespace std::chrono_literals;
    auto const got = probe::read_ntp({data, size});
    if (got.has_value() != (size >= probe::ntp_header_size)) __builtin_trap();
    if (!got) return 0;
    auto const wall = from_unix_seconds(1'700'000'000);
    steady_time const steady{100h};
    probe::ntp_compare(wall, got->receive, got->transmit, wall + 20ms);
    if (!probe::kiss_code(*got).empty() && probe::kiss_code(*got).size() != 4) __builtin_trap();

    probe::ntp_run run({.packets = 1, .timeout = 1000ms}, steady);
    run.sent(got->origin, steady);
    auto const taken = run.reply(*got, probe::stamp_of_receipt(steady + 20ms, wall + 20ms, wall + 19ms), wall + 20ms);
    if (run.report().packets.size() != (taken == probe::ntp_run::taken::ignored ? 0U : 1U)) __builtin_trap();
    return 0;
}
