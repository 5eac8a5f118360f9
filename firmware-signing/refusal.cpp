#include "firmware-signing/refusal.hpp"

#include <string>

namespace tp::signing {
namespace {

class refusal_category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "trigpoint.signing"; }

    std::string message(int value) const override
    {
        switch (static_cast<refusal>(value)) {
            case refusal::malformed:
                return "no signed document";
            case refusal::too_large:
                return "larger than a signed document may be";
            case refusal::bad_signature:
                return "a signature is not that of the key that it names";
            case refusal::too_few_signatures:
                return "too few signatures of trusted keys";
            case refusal::other_name:
                return "the document is another one than was asked for";
            case refusal::older_than_known:
                return "a newer version is known";
            case refusal::expired:
                return "the document has expired";
        }
        return "unknown";
    }
};

}  // namespace

error_code make_error_code(refusal code) noexcept
{
    static refusal_category const category;
    return {static_cast<int>(code), category};
}

}  // namespace tp::signing
