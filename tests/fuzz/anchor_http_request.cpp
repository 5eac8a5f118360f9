// Any target of a request is a wish within the limits, or an error; what is said again has no letter that means more.
#include "probe/anchor/http/reply.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    constexpr std::size_t largest = 10'240;
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    auto const wish = tp::anchor::read_target(text, largest);
    if (!wish) return 0;
    if (wish->size.value_or(0) > largest || wish->nonce.size() > tp::anchor::longest_nonce) __builtin_trap();
    for (char const c : wish->nonce)
        if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '<') __builtin_trap();
    auto const reply = tp::anchor::answer(*wish, {"a1.lab.test", tp::parse_address("192.0.2.1").value(), {}});
    if (wish->size && reply.length() != *wish->size) __builtin_trap();
    return 0;
}
