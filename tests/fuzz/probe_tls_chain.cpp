// Any Certificate message: what is kept was in it, in its order and within a report's limits.
#include <cstdint>

#include "probe/measure/tls/chain.hpp"
#include "proto/findings.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view rest(reinterpret_cast<char const*>(data), size);
    bool const v1_3 = size > 0 && data[0] % 2 == 1;
    if (size > 0) rest.remove_prefix(1);
    auto const chain = tp::probe::read_certificate_message(rest, v1_3);
    std::size_t total = 0;
    for (auto const& one : chain.certificates) {
        auto const found = rest.find(one);
        if (found == rest.npos) __builtin_trap();
        rest.remove_prefix(found + one.size());
        total += one.size();
    }
    using report = tp::proto::tls_report;
    if (total > report::largest_chain || chain.certificates.size() > report::most_certificates) __builtin_trap();
    return 0;
}
