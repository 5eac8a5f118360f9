// Whatever a server sends: what is read of it lies within it, and a stream's answer is the same in whatever pieces.
#include <algorithm>

#include "probe/measure/dns/answer.hpp"
#include "probe/measure/dns/stream_answer.hpp"

namespace {

using octets = std::span<std::uint8_t const>;

void check_cookie(octets message)
{
    auto const cookie = tp::probe::cookie_in(message);
    if (!cookie || cookie->empty()) return;
    if (cookie->data() < message.data() || cookie->data() + cookie->size() > message.data() + message.size())
        __builtin_trap();
}

std::string message_of(std::string_view stream, std::size_t piece)
{
    tp::probe::stream_answer answer;
    for (; !stream.empty(); stream.remove_prefix(std::min(piece, stream.size()))) answer.add(stream.substr(0, piece));
    auto const got = answer.message();
    return {got.begin(), got.end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    octets const message(data, size);
    tp::probe::message_id(message);
    check_cookie(message);
    tp::probe::has_another_cookie(message, {1, 2, 3, 4, 5, 6, 7, 8});
    std::string_view const stream(reinterpret_cast<char const*>(data), size);
    auto const whole = message_of(stream, size + 1);
    if (message_of(stream, 1 + size % 7) != whole) __builtin_trap();
    tp::proto::dns_exchange found;
    tp::probe::put_stream_answer(found, {reinterpret_cast<std::uint8_t const*>(whole.data()), whole.size()}, 7, {});
    return 0;
}
