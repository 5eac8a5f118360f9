// Whatever a resolver answers to a look-up: what is read of it lies within it, and it is judged in one way.
#include <algorithm>

#include "registry/watch/look_ups.hpp"

namespace {

using namespace tp::registry;

void check(std::string_view message, address_record type)
{
    auto const found = read_dns_answer(message, type);
    if (!found) return;
    constexpr std::size_t shortest_record = 15, longest_name = 255;  // octets
    if (found->addresses.size() * shortest_record > message.size() || found->question.size() > longest_name)
        __builtin_trap();
    if (message.find(found->question) == message.npos) __builtin_trap();
    bool const v4 = type == address_record::a;
    if (!std::ranges::all_of(found->addresses, [&](auto const& each) { return each.is_v4() == v4; })) __builtin_trap();
    tp::proto::dns_report told;
    told.exchanges.emplace_back().answer = message;
    tp::proto::report report{.found = told};
    auto const verdict = judge_look_up(report, "lOoK.eXaMpLe", type, found->addresses);
    if (verdict && verdict->said == resolver_said::incorrect) __builtin_trap();  // the right ones are those it has
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const message(reinterpret_cast<char const*>(data), size);
    check(message, address_record::a);
    check(message, address_record::aaaa);
    auto const name = name_on_wire(message);
    if (!name.empty() && name.size() != size + 2) __builtin_trap();
    return 0;
}
