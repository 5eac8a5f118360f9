#include "firmware-signing/trust_settings.hpp"

namespace tp::signing {

trusted_keys read_trusted_keys(settings& from)
{
    std::vector<public_key> keys;
    for (auto const& text : from.texts("trust.keys")) {
        auto key = public_key::parse(text);
        if (!key)
            from.complain("trust.keys", "\"" + text + "\" is not \"ed25519:\" and 64 hexadecimal digits");
        else
            keys.push_back(std::move(*key));
    }
    auto const threshold = from.integer("trust.threshold", 1, 1, trusted_keys::most);
    if (keys.empty()) return {};
    auto trusted = trusted_keys::from(std::move(keys), static_cast<std::size_t>(threshold));
    if (trusted) return std::move(*trusted);
    if (trusted.error() == errc::conflict)
        from.complain("trust.keys", "names a key twice");
    else
        from.complain("trust.threshold", "is more than there are keys, or there are too many keys");
    return {};
}

}  // namespace tp::signing
