// A stream of octets, cut where its first octet says, gives the same frames as in one piece.
#include "base/frame.hpp"

#include <cstdlib>
#include <vector>

namespace {

constexpr std::size_t largest = 4096;

std::vector<std::string> frames_of(std::string_view stream, std::size_t piece)
{
    tp::frame_reader reader(largest);
    std::vector<std::string> out;
    std::size_t waiting = 0;
    while (!stream.empty()) {
        auto const fed = reader.feed(stream.substr(0, piece));
        stream.remove_prefix(std::min(piece, stream.size()));
        if (!fed) stream = {};
    }
    auto const announced = reader.waiting();
    while (auto frame = reader.take()) {
        waiting += frame->size();
        if (frame->size() > largest) std::abort();
        out.push_back(std::move(*frame));
    }
    if (waiting != announced || reader.waiting() != 0) std::abort();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    if (size == 0) return 0;
    std::string_view const stream(reinterpret_cast<char const*>(data) + 1, size - 1);
    auto const whole = frames_of(stream, size);
    if (frames_of(stream, data[0] + std::size_t{1}) != whole) std::abort();

    std::string again;
    for (auto const& frame : whole) again += tp::encode_frame(frame);
    if (!stream.starts_with(again)) std::abort();
    return 0;
}
