#include <string>

#include "tests/fuzz/proto_round_trip.hpp"

// Whatever a probe sends, a report that is readable once the controller has marked it shows the controller's address.
static void mark(std::string const& octets)
{
    auto const address = tp::parse_address("2001:db8::4").value();
    auto const marked = tp::proto::with_seen_from(octets, address);
    auto const read = tp::proto::decode_report(marked);
    if (read && read->seen_from != address) std::abort();
    if (tp::proto::with_seen_from(marked, address) != marked) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    tp::proto::round_trip<tp::proto::decode_report>(data, size);
    mark(std::string(reinterpret_cast<char const*>(data), size));
    return 0;
}
