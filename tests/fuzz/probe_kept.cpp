// What a probe finds on its disk is whole or refused; what is whole is written again as it was.
#include "probe/agent/kept.hpp"
#include "probe/spool/record.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace tp::probe;
    std::string_view const octets(reinterpret_cast<char const*>(data), size);
    static_cast<void>(decode_kept_assignment(octets));
    static_cast<void>(decode_kept_jobs(octets));
    static_cast<void>(decode_kept_done(octets));
    static_cast<void>(decode_kept_day(octets));
    static_cast<void>(decode_kept_limits(octets));
    if (auto const kept = decode_kept_anchors(octets); kept && encode_kept(*kept) != octets) __builtin_trap();
    if (auto const kept = decode_kept_blocks(octets)) {
        auto const again = decode_kept_blocks(encode_kept(*kept));
        if (!again || *again != *kept) __builtin_trap();
    }
    static_cast<void>(done_list::decode(octets));

    auto rest = octets;
    for (auto record = read_record(rest); record.is == framed::kind::whole; record = read_record(rest)) {
        static_cast<void>(decode_result(record.body));
        rest.remove_prefix(record.consumed);
    }
    if (auto const item = decode_result(octets)) {
        if (encode_result(*item) != octets) __builtin_trap();
    }
    // The check is no hurdle for what it protects: the same octets as the body of a good record.
    if (octets.empty()) return 0;  // no record is empty
    auto const framed_again = frame_record(octets.substr(0, largest_record));
    if (read_record(framed_again).is != framed::kind::whole) __builtin_trap();
    static_cast<void>(decode_kept_jobs(framed_again));
    static_cast<void>(decode_kept_assignment(framed_again));
    static_cast<void>(decode_kept_day(framed_again));
    static_cast<void>(decode_kept_limits(framed_again));
    static_cast<void>(decode_kept_anchors(framed_again));
    return 0;
}
