#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tp::probe {

/// Numbers that nobody can guess from those before: the kernel's, fetched many at a time.
class unpredictable {
public:
    template <class Unsigned>
    Unsigned next()
    {
        Unsigned out = 0;
        for (std::size_t i = 0; i < sizeof out; ++i) out = static_cast<Unsigned>(out << 8 | octet());
        return out;
    }

private:
    std::uint8_t octet();

    std::array<std::uint8_t, 256> fetched_{};  // getrandom(2) gives so many in one piece
    std::size_t used_ = sizeof fetched_;
};

}  // namespace tp::probe
