// Whatever comes in: what goes out fits, is an answer to it, and is never longer than it where senders may be forged.
#include <algorithm>

#include "probe/anchor/dns/answer.hpp"
#include "probe/anchor/dns/query.hpp"

namespace {

namespace anchor = tp::anchor;

anchor::dns_zone const zone{
    "a1.lab.test.",
    "a1.lab.test",
    {tp::parse_address("192.0.2.1").value(), tp::parse_address("2001:db8::1").value()},
    1,
};

void check(bool holds)
{
    if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    constexpr std::size_t head = 12;
    std::span<std::uint8_t const> const query(data, size);
    auto const asked = anchor::read_query(query);
    for (auto const path : {anchor::dns_path::udp, anchor::dns_path::udp_truncated, anchor::dns_path::tcp}) {
        auto const out = anchor::answer_query(zone, query, path);
        check(out.has_value() == asked.has_value());
        if (!out) continue;
        check(out->size() >= head && std::equal(data, data + 2, reinterpret_cast<std::uint8_t const*>(out->data())));
        check((static_cast<unsigned char>((*out)[2]) & 0x80U) != 0);
        if (path == anchor::dns_path::udp) check(out->size() <= anchor::largest_datagram);
        // A name may have been compressed in the query; the answer writes it out once.
        if (path == anchor::dns_path::udp_truncated) check(out->size() <= size + asked->name.size());
    }
    return 0;
}
