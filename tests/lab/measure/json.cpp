#include <boost/beast/core/detail/base64.hpp>

#include "tests/lab/measure/types.hpp"

namespace tp::lab {

boost::json::value to_json(proto::findings const& found)
{
    return std::visit([](auto const& one) -> boost::json::value { return to_json(one); }, found);
}

std::string base64(std::string_view octets)
{
    namespace codec = boost::beast::detail::base64;
    std::string out(codec::encoded_size(octets.size()), '\0');
    out.resize(codec::encode(out.data(), octets.data(), octets.size()));
    return out;
}

}  // namespace tp::lab
