#pragma once

#include <cstddef>
#include <map>

#include "base/ip_prefix.hpp"

namespace tp {

/// How many connections may be open, in all and from one source: a customer (base/customer.hpp). Its memory is bounded
/// by the former. Pure.
class crowd {
public:
    struct limits {
        std::size_t in_all = 512, of_a_source = 32;
    };
    explicit crowd(limits most) : most_(most) {}

    /// Counts one more. False if there is no room: then nothing was counted.
    bool enter(ip_address const& peer);
    /// @pre enter() let that peer in.
    void leave(ip_address const& peer);
    std::size_t inside() const noexcept { return inside_; }

private:
    limits most_;
    std::size_t inside_ = 0;
    std::map<ip_address, std::size_t> of_source_;
};

}  // namespace tp
