#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/results/dns_message.hpp"

// Whatever a server answers, at most two records are told of it, each of a bounded length.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const message(reinterpret_cast<char const*>(data), size);
    constexpr std::size_t longest_name = 4 * 255;  // every octet escaped
    auto const answers = tp::api::parse_dns_answers(message);
    if (answers.size() > 2) std::abort();
    for (auto const& one : answers) {
        if (one.name.size() > longest_name) std::abort();
        if (auto const* soa = std::get_if<tp::api::dns_soa>(&one.data)) {
            if (soa->primary.size() > longest_name || soa->contact.size() > longest_name) std::abort();
            continue;
        }
        std::size_t octets = 0;
        for (auto const& text : std::get<tp::api::dns_txt>(one.data).texts) octets += text.size() + 1;
        if (octets > size) std::abort();
    }
    return 0;
}
