#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace tp::probe {

inline std::span<std::uint8_t const> octets_of(std::string_view text)
{
    return {reinterpret_cast<std::uint8_t const*>(text.data()), text.size()};
}

inline std::string text_of(std::initializer_list<unsigned> octets)
{
    std::string out;
    for (auto const one : octets) out.push_back(static_cast<char>(one));
    return out;
}

/// The header of a message.
inline std::string head(unsigned id, unsigned questions = 0, unsigned answers = 0, unsigned authorities = 0,
                        unsigned additionals = 0)
{
    return text_of({id >> 8, id & 0xff, 0x84, 0, 0, questions, 0, answers, 0, authorities, 0, additionals});
}

/// An OPT record with these options.
inline std::string opt(std::string_view options)
{
    return text_of({0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, static_cast<unsigned>(options.size())}) + std::string(options);
}

inline std::string cookie_option(std::string_view value)
{
    return text_of({0, 10, 0, static_cast<unsigned>(value.size())}) + std::string(value);
}

}  // namespace tp::probe
