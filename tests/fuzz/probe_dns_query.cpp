// Any name becomes a query with one question, or none at all.
#include "probe/measure/dns/answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    constexpr std::size_t largest = 12 + 255 + 4 + 11 + 4 + 12;  // header, name, question, OPT, NSID, cookie
    if (size == 0) return 0;
    tp::proto::dns_options options;
    options.query_argument.assign(reinterpret_cast<char const*>(data) + 1, size - 1);
    options.use_macros = (data[0] & 1) != 0;
    options.prepend_probe_id = (data[0] & 2) != 0;
    options.set_cookie = (data[0] & 4) != 0;
    options.set_nsid_bit = (data[0] & 8) != 0;
    tp::probe::dns_query_values const values{7, {}, {}, 1, {1, 2, 3, 4, 5, 6, 7, 8}};
    auto const query = tp::probe::make_query(options, values);
    if (!query) return 0;
    std::span<std::uint8_t const> const octets(reinterpret_cast<std::uint8_t const*>(query->data()), query->size());
    if (octets.size() > largest || tp::probe::message_id(octets) != 7) __builtin_trap();
    auto const cookie = tp::probe::cookie_in(octets);
    if (cookie.has_value() != options.set_cookie) __builtin_trap();
    return 0;
}
