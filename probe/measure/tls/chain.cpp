#include "probe/measure/tls/chain.hpp"

#include <optional>

#include "proto/findings.hpp"

namespace tp::probe {
namespace {

/// Takes an octet string off the front whose length stands before it in so many octets, the highest first.
std::optional<std::string_view> take_vector(std::string_view& from, std::size_t octets_of_length)
{
    if (from.size() < octets_of_length) return std::nullopt;
    constexpr unsigned octet_bits = 8;
    std::size_t length = 0;
    for (std::size_t i = 0; i < octets_of_length; ++i)
        length = length << octet_bits | static_cast<unsigned char>(from[i]);
    from.remove_prefix(octets_of_length);
    if (from.size() < length) return std::nullopt;
    auto const out = from.substr(0, length);
    from.remove_prefix(length);
    return out;
}

constexpr std::size_t context_length = 1, list_length = 3, certificate_length = 3, extensions_length = 2;

}  // namespace

certificate_chain read_certificate_message(std::string_view octets, bool v1_3)
{
    using report = proto::tls_report;
    certificate_chain out;
    auto const context = v1_3 ? take_vector(octets, context_length) : std::string_view();
    auto const list = context ? take_vector(octets, list_length) : std::nullopt;
    out.malformed = !list || !octets.empty();
    auto rest = list.value_or(std::string_view());
    for (std::size_t total = 0; !rest.empty();) {
        auto const one = take_vector(rest, certificate_length);
        auto const extensions = one && v1_3 ? take_vector(rest, extensions_length) : one;
        if (!one || !extensions) {
            out.malformed = true;
            break;
        }
        total += one->size();
        bool const fits =
            out.left_out == 0 && out.certificates.size() < report::most_certificates && total <= report::largest_chain;
        if (fits)
            out.certificates.emplace_back(*one);
        else
            ++out.left_out;
    }
    return out;
}

}  // namespace tp::probe
