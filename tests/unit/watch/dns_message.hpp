#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/watch/dns_answer.hpp"

/// DNS answers as resolvers send them, octet by octet.
namespace tp::registry::test {

inline std::string number16(unsigned value)
{
    return {static_cast<char>(value >> 8 & 0xffU), static_cast<char>(value & 0xffU)};
}

struct record {
    unsigned type = 1, class_ = 1;
    std::string data;
    std::string owner = "\xc0\x0c";  // a pointer to the question
};

inline record address(std::string_view text)
{
    auto const found = parse_address(text).value();
    record out{.type = found.is_v4() ? 1U : 28U};
    auto const put = [&](auto const& bytes) { out.data.assign(bytes.begin(), bytes.end()); };
    found.is_v4() ? put(found.to_v4().to_bytes()) : put(found.to_v6().to_bytes());
    return out;
}

inline std::string answer(std::string_view name, std::vector<record> const& records, unsigned flags = 0x8180,
                          address_record type = address_record::a)
{
    auto out = number16(4711) + number16(flags) + number16(1) + number16(static_cast<unsigned>(records.size())) +
               std::string(4, '\0') + name_on_wire(name) + number16(static_cast<unsigned>(type)) + number16(1);
    for (auto const& each : records)
        out += each.owner + number16(each.type) + number16(each.class_) + std::string(4, '\0') +
               number16(static_cast<unsigned>(each.data.size())) + each.data;
    return out;
}

}  // namespace tp::registry::test
