#include "firmware-signing/tool/token_session.hpp"

#include <array>

namespace tp::signing::tool {
namespace {

constexpr CK_ULONG most_objects = 16;                // of one kind that one URI means
constexpr std::size_t longest_attribute = 4 * 1024;  // octets
constexpr std::size_t signature_size = 64;           // octets
// The object identifier of Ed25519 (RFC 8410), in DER.
constexpr std::array<unsigned char, 5> ed25519_parameters{0x06, 0x03, 0x2b, 0x65, 0x70};

class token_category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "trigpoint.token"; }
    std::string message(int value) const override
    {
        switch (static_cast<CK_RV>(value)) {
            case CKR_PIN_INCORRECT:
                return "the PIN is wrong";
            case CKR_PIN_LOCKED:
                return "the PIN is locked after too many wrong ones";
            case CKR_MECHANISM_INVALID:
                return "the token knows no Ed25519";
            default:
                return p11_kit_strerror(static_cast<CK_RV>(value));
        }
    }
};

unsigned char* octets_of(std::string_view text)
{
    return const_cast<unsigned char*>(reinterpret_cast<unsigned char const*>(text.data()));  // PKCS #11 knows no const
}

CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, void const* value, std::size_t size)
{
    return {type, const_cast<void*>(value), size};
}

/// Adds the tokens of a module that the URI means.
error_code add_places(CK_FUNCTION_LIST* module, P11KitUri const& wanted, std::vector<token_place>& to)
{
    CK_ULONG count = 0;
    if (auto const why = module->C_GetSlotList(CK_TRUE, nullptr, &count); why != CKR_OK) return token_error(why);
    std::vector<CK_SLOT_ID> slots(count);
    if (auto const why = module->C_GetSlotList(CK_TRUE, slots.data(), &count); why != CKR_OK) return token_error(why);
    slots.resize(count);
    for (auto const slot : slots) {
        CK_TOKEN_INFO info{};
        if (module->C_GetTokenInfo(slot, &info) != CKR_OK || (info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
        if (p11_kit_uri_match_token_info(&wanted, &info) != 1) continue;
        std::string label(reinterpret_cast<char const*>(info.label), sizeof info.label);
        label.resize(label.find_last_not_of(' ') + 1);
        to.push_back({module, slot, label, (info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0});
    }
    return {};
}

}  // namespace

error_code token_error(CK_RV why) noexcept
{
    static token_category const category;
    return {static_cast<int>(why), category};
}

result<token_uri> parse_token_uri(std::string const& text)
{
    token_uri out(p11_kit_uri_new());
    auto const read = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_OBJECT_ON_TOKEN_AND_MODULE, out.get());
    if (read != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(out.get()) != 0) return errc::malformed;
    return out;
}

result<std::unique_ptr<token_modules>> token_modules::load(P11KitUri const& wanted)
{
    auto const* const path = p11_kit_uri_get_module_path(&wanted);
    if (path == nullptr) {
        auto** const known = p11_kit_modules_load_and_initialize(0);
        if (known == nullptr) return errc::not_found;
        return std::unique_ptr<token_modules>(new token_modules(nullptr, known));
    }
    auto* const named = p11_kit_module_load(path, 0);
    if (named == nullptr) return errc::not_found;
    auto const why = p11_kit_module_initialize(named);
    if (why == CKR_OK) return std::unique_ptr<token_modules>(new token_modules(named, nullptr));
    p11_kit_module_release(named);
    return token_error(why);
}

token_modules::~token_modules()
{
    if (known_ != nullptr) p11_kit_modules_finalize_and_release(known_);
    if (named_ == nullptr) return;
    p11_kit_module_finalize(named_);
    p11_kit_module_release(named_);
}

std::vector<CK_FUNCTION_LIST*> token_modules::all() const
{
    if (named_ != nullptr) return {named_};
    std::vector<CK_FUNCTION_LIST*> out;
    for (auto** each = known_; *each != nullptr; ++each) out.push_back(*each);
    return out;
}

result<std::shared_ptr<token_session>> token_session::open(P11KitUri const& wanted, bool for_writing)
{
    auto modules = token_modules::load(wanted);
    if (!modules) return modules.error();
    std::vector<token_place> places;
    error_code last;
    for (auto* const module : (*modules)->all())
        if (auto const why = add_places(module, wanted, places)) last = why;
    if (places.empty()) return last ? last : make_error_code(errc::not_found);
    if (places.size() > 1) return errc::conflict;
    auto const& place = places.front();
    CK_SESSION_HANDLE session = 0;
    CK_FLAGS const flags = CKF_SERIAL_SESSION | (for_writing ? CKF_RW_SESSION : 0);
    auto const why = place.module->C_OpenSession(place.slot, flags, nullptr, nullptr, &session);
    if (why != CKR_OK) return token_error(why);
    return std::shared_ptr<token_session>(new token_session(std::move(*modules), place, session));
}

token_session::~token_session()
{
    place_.module->C_CloseSession(session_);
}

result<void> token_session::log_in(std::optional<std::string> pin)
{
    auto const why = pin ? place_.module->C_Login(session_, CKU_USER, octets_of(*pin), pin->size())
                         : place_.module->C_Login(session_, CKU_USER, nullptr, 0);
    if (pin) ::explicit_bzero(pin->data(), pin->size());
    if (why != CKR_OK && why != CKR_USER_ALREADY_LOGGED_IN) return token_error(why);
    return {};
}

result<std::vector<CK_OBJECT_HANDLE>> token_session::find(P11KitUri& wanted, CK_OBJECT_CLASS of_class) const
{
    std::vector<CK_ATTRIBUTE> like{attribute_of(CKA_CLASS, &of_class, sizeof of_class)};
    for (auto const type : {CKA_LABEL, CKA_ID})
        if (auto const* const said = p11_kit_uri_get_attribute(&wanted, type)) like.push_back(*said);
    auto why = place_.module->C_FindObjectsInit(session_, like.data(), like.size());
    if (why != CKR_OK) return token_error(why);
    std::vector<CK_OBJECT_HANDLE> out(most_objects);
    CK_ULONG count = 0;
    why = place_.module->C_FindObjects(session_, out.data(), most_objects, &count);
    place_.module->C_FindObjectsFinal(session_);
    if (why != CKR_OK) return token_error(why);
    out.resize(count);
    return out;
}

result<std::string> token_session::attribute(CK_OBJECT_HANDLE of, CK_ATTRIBUTE_TYPE type) const
{
    std::string out(longest_attribute, '\0');
    CK_ATTRIBUTE asked{type, out.data(), out.size()};
    auto const why = place_.module->C_GetAttributeValue(session_, of, &asked, 1);
    if (why != CKR_OK) return token_error(why);
    if (asked.ulValueLen > out.size()) return errc::not_found;
    out.resize(asked.ulValueLen);
    return out;
}

result<void> token_session::generate(std::string const& label, std::string const& id) const
{
    CK_BBOOL const yes = CK_TRUE, no = CK_FALSE;
    auto const is = [](CK_ATTRIBUTE_TYPE type, CK_BBOOL const& value) { return attribute_of(type, &value, 1); };
    auto const name = attribute_of(CKA_LABEL, label.data(), label.size());
    auto const number = attribute_of(CKA_ID, id.data(), id.size());
    std::array open_half{is(CKA_TOKEN, yes), is(CKA_VERIFY, yes), name, number,
                         attribute_of(CKA_EC_PARAMS, ed25519_parameters.data(), ed25519_parameters.size())};
    std::array secret_half{is(CKA_TOKEN, yes),
                           is(CKA_PRIVATE, yes),
                           is(CKA_SENSITIVE, yes),
                           is(CKA_SIGN, yes),
                           is(CKA_EXTRACTABLE, no),
                           name,
                           number};
    CK_MECHANISM how{CKM_EC_EDWARDS_KEY_PAIR_GEN, nullptr, 0};
    CK_OBJECT_HANDLE shared = 0, secret = 0;
    auto const why = place_.module->C_GenerateKeyPair(session_, &how, open_half.data(), open_half.size(),
                                                      secret_half.data(), secret_half.size(), &shared, &secret);
    if (why != CKR_OK) return token_error(why);
    return {};
}

result<std::string> token_session::sign(CK_OBJECT_HANDLE with, std::string_view octets) const
{
    CK_MECHANISM how{CKM_EDDSA, nullptr, 0};
    auto why = place_.module->C_SignInit(session_, &how, with);
    if (why != CKR_OK) return token_error(why);
    std::string out(signature_size, '\0');
    CK_ULONG size = out.size();
    why = place_.module->C_Sign(session_, octets_of(octets), octets.size(), octets_of(out), &size);
    if (why != CKR_OK) return token_error(why);
    if (size != out.size()) return errc::unavailable;
    return out;
}

}  // namespace tp::signing::tool
