// No octets but those that were signed are believed; what is read as an envelope is written again as it was.
#include "firmware-signing/signed_document.hpp"

#include "firmware-signing/envelope.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace tp::signing;
    static auto const keys =
        trusted_keys::from(
            {public_key::parse("ed25519:3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c").value()}, 1)
            .value();
    std::string_view const octets(reinterpret_cast<char const*>(data), size);
    if (verify(octets, keys, {"anchors", tp::wall_time{}, 1})) __builtin_trap();
    auto const read = read_envelope(octets);
    if (!read) return 0;
    auto const again = octets_to_sign(read->says);
    if (!again || *again != read->signed_octets) __builtin_trap();
    if (seal(*again, read->signatures) != octets) __builtin_trap();
    return 0;
}
