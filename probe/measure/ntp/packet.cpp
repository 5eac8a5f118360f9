#include "probe/measure/ntp/packet.hpp"

#include <algorithm>

namespace tp::probe {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint8_t version_4_client = 4 << 3 | 3;
constexpr std::int64_t seconds_1900_to_1970 = 2'208'988'800;
constexpr std::int64_t nanoseconds_a_second = 1'000'000'000;
// Places in the header, RFC 5905, figure 8.
constexpr std::size_t root_delay_at = 4, root_dispersion_at = 8, reference_id_at = 12, reference_at = 16,
                      origin_at = 24, receive_at = 32, transmit_at = 40;

std::uint32_t get32(std::span<std::uint8_t const> octets, std::size_t at) noexcept
{
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | octets[at + i];
    return out;
}

std::uint64_t get64(std::span<std::uint8_t const> octets, std::size_t at) noexcept
{
    return std::uint64_t{get32(octets, at)} << 32 | get32(octets, at + 4);
}

}  // namespace

ntp_octets ntp_request(proto::ntp_time transmit) noexcept
{
    ntp_octets out{};
    out[0] = version_4_client;
    for (std::size_t i = 0; i < sizeof transmit; ++i)
        out[transmit_at + i] = static_cast<std::uint8_t>(transmit >> (56 - 8 * i));
    return out;
}

result<ntp_header> read_ntp(std::span<std::uint8_t const> octets)
{
    if (octets.size() < ntp_header_size) return errc::malformed;
    ntp_header out;
    out.leap = octets[0] >> 6;
    out.version = octets[0] >> 3 & 7U;
    out.mode = octets[0] & 7U;
    out.stratum = octets[1];
    out.poll = static_cast<std::int8_t>(octets[2]);
    out.precision = static_cast<std::int8_t>(octets[3]);
    out.root_delay = get32(octets, root_delay_at);
    out.root_dispersion = get32(octets, root_dispersion_at);
    out.reference_id = get32(octets, reference_id_at);
    out.reference = get64(octets, reference_at);
    out.origin = get64(octets, origin_at);
    out.receive = get64(octets, receive_at);
    out.transmit = get64(octets, transmit_at);
    return out;
}

std::string kiss_code(ntp_header const& from)
{
    if (from.stratum != 0) return {};
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(from.reference_id >> shift & 0xff);
    bool const letters = std::all_of(out.begin(), out.end(), [](char one) { return one >= 'A' && one <= 'Z'; });
    return letters ? out : "";
}

proto::ntp_time to_ntp(wall_time at) noexcept
{
    auto const whole = std::chrono::floor<std::chrono::seconds>(at);
    auto const rest = static_cast<std::uint64_t>((at - whole).count());
    auto const seconds = static_cast<std::uint64_t>(whole.time_since_epoch().count() + seconds_1900_to_1970);
    return seconds << 32 | (rest << 32) / nanoseconds_a_second;
}

nanoseconds ntp_difference(proto::ntp_time later, proto::ntp_time earlier) noexcept
{
    // RFC 5905, section 6: in the arithmetic of 64 bits the eras drop out.
    auto const apart = static_cast<std::int64_t>(later - earlier);
    auto const seconds = apart >> 32;  // rounded down
    auto const fraction = static_cast<std::int64_t>(apart & 0xffff'ffff);
    constexpr std::int64_t half = std::int64_t{1} << 31;
    return nanoseconds(seconds * nanoseconds_a_second + ((fraction * nanoseconds_a_second + half) >> 32));
}

ntp_exchange ntp_compare(wall_time sent, proto::ntp_time receive, proto::ntp_time transmit, wall_time received) noexcept
{
    auto const there = ntp_difference(receive, to_ntp(sent));
    auto const back = ntp_difference(transmit, to_ntp(received));
    // Halved one by one: the sum of two clocks that are decades apart does not fit.
    return {there / 2 + back / 2 + (there % 2 + back % 2) / 2, (received - sent) - ntp_difference(transmit, receive)};
}

}  // namespace tp::probe
