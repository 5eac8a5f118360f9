#include "firmware-signing/tuf/refusal.hpp"

#include <string>

namespace tp::tuf {
namespace {

char const* text_of(refusal code) noexcept
{
    switch (code) {
        case refusal::malformed:
            return "not metadata of the form that the role has";
        case refusal::too_large:
            return "larger than a limit allows";
        case refusal::too_deep:
            return "nested too deeply";
        case refusal::repeated_member:
            return "an object names a member twice";
        case refusal::repeated_signer:
            return "two signatures have one key id";
        case refusal::wrong_type:
            return "the metadata of another role";
        case refusal::wrong_spec:
            return "written for another version of the specification";
        case refusal::wrong_key_id:
            return "a key's id is not the hash of the key";
        case refusal::repeated_key_id:
            return "a role lists a key id twice";
        case refusal::reserved_name:
            return "a delegated role has a reserved name";
        case refusal::repeated_name:
            return "two delegations to one role";
        case refusal::no_trusted_root:
            return "there is no trusted root";
        case refusal::too_few_signatures:
            return "too few keys of the role signed it";
        case refusal::not_signed_by_predecessor:
            return "too few keys of the trusted root signed its successor";
        case refusal::wrong_version:
            return "another version than was asked for";
        case refusal::older_than_known:
            return "a newer version is known (a rollback attack?)";
        case refusal::older_snapshot:
            return "a newer version of the snapshot is known (a rollback attack?)";
        case refusal::older_role:
            return "a newer version of a role is known (a rollback attack?)";
        case refusal::vanished_role:
            return "a role that was listed before is missing (a rollback attack?)";
        case refusal::unlisted_role:
            return "the snapshot does not list the role";
        case refusal::expired:
            return "expired (is somebody holding newer files back?)";
        case refusal::wrong_length:
            return "not as long as the signed metadata says";
        case refusal::wrong_hash:
            return "not the octets that the signed metadata describes";
        case refusal::unknown_hash:
            return "a hash of an unknown kind";
        case refusal::no_such_target:
            return "no trusted role describes the target";
        case refusal::too_many_roles:
            return "too many roles to search";
        case refusal::too_slow:
            return "too slow";
    }
    return "unknown";
}

class refusal_category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "trigpoint.tuf"; }
    std::string message(int value) const override { return text_of(static_cast<refusal>(value)); }
};

}  // namespace

error_code make_error_code(refusal code) noexcept
{
    static refusal_category const category;
    return {static_cast<int>(code), category};
}

}  // namespace tp::tuf
