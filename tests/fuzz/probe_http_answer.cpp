// Any octets in any pieces: the same answer, and never more kept or read than wanted.
#include <cstdint>

#include "probe/measure/http/answer.hpp"
#include "proto/findings.hpp"

namespace {

using tp::probe::http_answer;

void check(bool holds)
{
    if (!holds) __builtin_trap();
}

http_answer read(http_answer::wanted what, std::string_view octets, std::size_t piece)
{
    http_answer out(what);
    for (; !octets.empty(); octets.remove_prefix(std::min(piece, octets.size()))) out.feed(octets.substr(0, piece));
    check(out.body_size() <= what.body_bytes);
    check(out.headers().size() <= tp::proto::http_report::most_headers);
    std::size_t kept = 0;
    for (auto const& line : out.headers()) kept += line.size();
    check(kept <= what.header_bytes + std::string_view("[...]").size());
    out.end();
    check(out.over() && (out.at() == http_answer::phase::failed) == !out.complaint().empty());
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    constexpr std::size_t head = 3;
    if (size < head) return 0;
    auto const method = static_cast<tp::proto::http_method>(1 + data[0] % 3);
    http_answer::wanted const what{.method = method, .body_bytes = 1U + data[1], .header_bytes = data[2]};
    std::string_view const octets(reinterpret_cast<char const*>(data) + head, size - head);
    auto const at_once = read(what, octets, octets.size() + 1);
    auto const singly = read(what, octets, 1 + data[1] % 7U);
    check(at_once.at() == singly.at() && at_once.complaint() == singly.complaint());
    check(at_once.status().code == singly.status().code && at_once.body_size() == singly.body_size());
    check(at_once.truncated() == singly.truncated() && at_once.headers() == singly.headers());
    return 0;
}
