#include "firmware-signing/tool/token.hpp"

#include <openssl/rand.h>

#include "base/files.hpp"
#include "firmware-signing/tool/token_session.hpp"

namespace tp::signing::tool {
namespace {

constexpr std::size_t longest_pin = 256;  // octets
constexpr std::size_t key_id_size = 16;   // octets: what binds the halves of a pair together
constexpr std::string_view scheme = "pkcs11:";
constexpr std::string_view point_head = "\x04\x20";  // in DER: an octet string of 32

std::string why_no_token(error_code why)
{
    if (why == errc::not_found) return "there is no such token";
    if (why == errc::conflict) return "several tokens have this name: add serial= to the URI";
    return why.message();
}

struct opened {
    token_uri uri;
    std::shared_ptr<token_session> session;
    std::optional<std::string> complaint;
};

/// The PIN: from the file that the URI names, or from a person. A token with a keypad needs none.
std::optional<std::string> find_pin(P11KitUri const& uri, token_place const& place, pin_question const& ask,
                                    std::optional<std::string>& complaint)
{
    auto const* const source = p11_kit_uri_get_pin_source(&uri);
    if (source == nullptr) {
        auto pin = ask("PIN of the token " + place.label + ": ");
        if (!pin) complaint = "needs a PIN: at a terminal, or from ?pin-source=FILE";
        return pin;
    }
    std::string_view path = source;
    if (path.starts_with("file:")) path.remove_prefix(5);
    auto pin = read_secret(std::string(path), longest_pin);
    if (!pin && pin.error() == errc::rejected)
        complaint = "others may read the file of the PIN; chmod 600 it";
    else if (!pin)
        complaint = std::string(path) + ": " + pin.error().message();
    if (!pin) return std::nullopt;
    return pin->substr(0, pin->find('\n'));
}

/// Opens the token, and logs in.
opened open(std::string const& text, pin_question const& ask, bool for_writing)
{
    auto uri = parse_token_uri(text);
    if (!uri) return {nullptr, nullptr, "is no pkcs11: URI as RFC 7512 has them"};
    opened out{std::move(*uri), nullptr, std::nullopt};
    if (p11_kit_uri_get_pin_value(out.uri.get()) != nullptr) {
        out.complaint = "no PIN belongs on a command line; say ?pin-source=FILE";
        return out;
    }
    auto session = token_session::open(*out.uri, for_writing);
    if (!session) {
        out.complaint = why_no_token(session.error());
        return out;
    }
    out.session = std::move(*session);
    std::optional<std::string> pin;
    if (!out.session->place().asks_itself) pin = find_pin(*out.uri, out.session->place(), ask, out.complaint);
    if (out.complaint) return out;
    if (auto const in = out.session->log_in(std::move(pin)); !in) out.complaint = in.error().message();
    return out;
}

/// A public key as CKA_EC_POINT has it: 32 octets, in DER or bare.
result<public_key> read_point(std::string_view octets)
{
    if (octets.size() == point_head.size() + public_key::size && octets.starts_with(point_head))
        octets.remove_prefix(point_head.size());
    return public_key::from_octets(octets);
}

/// The public half: the object of that class with the same id.
result<public_key> shared_half(token_session const& in, CK_OBJECT_HANDLE secret)
{
    auto id = in.attribute(secret, CKA_ID);
    if (!id) return id.error();
    token_uri like(p11_kit_uri_new());
    CK_ATTRIBUTE named{CKA_ID, id->data(), id->size()};
    p11_kit_uri_set_attribute(like.get(), &named);
    auto const found = in.find(*like, CKO_PUBLIC_KEY);
    if (!found) return found.error();
    if (found->size() != 1) return errc::not_found;
    auto const point = in.attribute(found->front(), CKA_EC_POINT);
    if (!point) return point.error();
    return read_point(*point);
}

/// What a token signed is looked at before it leaves.
signing_function signing_with(std::shared_ptr<token_session> const& session, CK_OBJECT_HANDLE secret,
                              public_key const& shared)
{
    return [session, secret, shared](std::string_view octets) -> result<std::string> {
        auto made = session->sign(secret, octets);
        if (made && !shared.verifies(octets, *made)) return errc::unavailable;
        return made;
    };
}

token_key take(opened const& from)
{
    auto const found = from.session->find(*from.uri, CKO_PRIVATE_KEY);
    if (!found) return {std::nullopt, found.error().message()};
    if (found->empty()) return {std::nullopt, "the token has no such private key"};
    if (found->size() > 1) return {std::nullopt, "the token has several such private keys: add id= to the URI"};
    auto const secret = found->front();
    CK_KEY_TYPE type = 0;
    auto const said = from.session->attribute(secret, CKA_KEY_TYPE);
    if (said && said->size() == sizeof type) said->copy(reinterpret_cast<char*>(&type), sizeof type);
    if (type != CKK_EC_EDWARDS) return {std::nullopt, "is no Ed25519 key"};
    auto const shared = shared_half(*from.session, secret);
    if (!shared) return {std::nullopt, "the token has no public half beside it, of Ed25519 and with its id"};
    return {held_key{*shared, signing_with(from.session, secret, *shared)}, std::nullopt};
}

}  // namespace

bool is_token_uri(std::string_view text) noexcept
{
    return text.starts_with(scheme);
}

token_key open_token_key(std::string const& uri, pin_question const& ask)
{
    auto from = open(uri, ask, false);
    if (from.complaint) return {std::nullopt, std::move(from.complaint)};
    return take(from);
}

token_key make_token_key(std::string const& uri, pin_question const& ask)
{
    auto in = open(uri, ask, true);
    if (in.complaint) return {std::nullopt, std::move(in.complaint)};
    auto const* const label = p11_kit_uri_get_attribute(in.uri.get(), CKA_LABEL);
    if (label == nullptr) return {std::nullopt, "names no object: say object=NAME"};
    auto const there = in.session->find(*in.uri, CKO_PRIVATE_KEY);
    if (!there) return {std::nullopt, there.error().message()};
    if (!there->empty()) return {std::nullopt, "is there already; no key is ever overwritten"};
    std::string id(key_id_size, '\0');
    if (::RAND_bytes(reinterpret_cast<unsigned char*>(id.data()), static_cast<int>(id.size())) != 1)
        return {std::nullopt, "there is no randomness"};
    auto const made = in.session->generate({static_cast<char const*>(label->pValue), label->ulValueLen}, id);
    if (!made) return {std::nullopt, made.error().message()};
    return take(in);
}

}  // namespace tp::signing::tool
