// Whatever officers sign for a target: what is read of it can be kept beside the program and read again.
#include <cstdint>

#include "probe/firmware/signed_offer.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace tp::firmware;
    tp::tuf::target_file facts;
    facts.length = size;
    facts.hashes.sha256 = std::string(64, 'a');
    facts.custom.assign(reinterpret_cast<char const*>(data), size);
    auto const read = signed_offer("target", facts);
    if (!read || read->content.floor > read->content.release || size > manifest::largest) return 0;
    auto const kept = manifest::parse(read->content.text());
    if (!kept || *kept != read->content) __builtin_trap();
    return 0;
}
