#include "firmware-signing/trust_settings.hpp"

namespace tp::signing {

trusted_keys read_trusted_keys(settings& from, std::string const& section)
{
    auto const names = section + ".keys", least = section + ".threshold";
    std::vector<public_key> keys;
    for (auto const& text : from.texts(names)) {
        auto key = public_key::parse(text);
        if (!key)
            from.complain(names, "\"" + text + "\" is not \"ed25519:\" and 64 hexadecimal digits");
        else
            keys.push_back(std::move(*key));
    }
    auto const threshold = from.integer(least, 1, 1, trusted_keys::most);
    if (keys.empty()) return {};
    auto trusted = trusted_keys::from(std::move(keys), static_cast<std::size_t>(threshold));
    if (trusted) return std::move(*trusted);
    if (trusted.error() == errc::conflict)
        from.complain(names, "names a key twice");
    else
        from.complain(least, "is more than there are keys, or there are too many keys");
    return {};
}

}  // namespace tp::signing
