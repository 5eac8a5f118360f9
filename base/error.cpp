#include "base/error.hpp"

#include <string>

namespace tp {
namespace {

class trigpoint_category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "trigpoint"; }

    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
            case errc::malformed:
                return "malformed";
            case errc::out_of_range:
                return "out of range";
            case errc::timed_out:
                return "timed out";
            case errc::rejected:
                return "rejected by the other side";
            case errc::too_large:
                return "too large";
            case errc::unsupported:
                return "not supported";
            case errc::not_found:
                return "not found";
            case errc::conflict:
                return "conflicts with another change";
            case errc::unavailable:
                return "unavailable at present";
            case errc::closed:
                return "closed by the other side";
        }
        return "unknown";
    }
};

}  // namespace

error_code make_error_code(errc code) noexcept
{
    static trigpoint_category const category;
    return {static_cast<int>(code), category};
}

}  // namespace tp
