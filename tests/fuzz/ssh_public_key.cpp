// What is read as a key is written as the same key, and has a fingerprint.
#include <cstdint>
#include <cstdlib>

#include "base/ssh/keys.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const key = tp::ssh::public_key::parse({reinterpret_cast<char const*>(data), size});
    if (!key) return 0;
    if (tp::ssh::public_key::parse(key->text()).value() != *key) std::abort();
    if (tp::ssh::public_key::parse(key->base64()).value() != *key) std::abort();
    if (!key->fingerprint().starts_with("SHA256:")) std::abort();
    return 0;
}
