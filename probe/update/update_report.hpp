#pragma once

#include <cstdint>
#include <string>

#include "probe/firmware/cause.hpp"

namespace tp::update {

/// What the version report is to say of the instruction that is followed.
struct update_report {
    firmware::update_state state = firmware::update_state::idle;
    firmware::update_result result = firmware::update_result::initial;
    firmware::cause why = firmware::cause::none;  // it is not carried out
    std::uint64_t release = 0;                    // that it wants; 0: none
    std::string nonce;                            // of it; empty: there is none
    std::uint64_t root_version = 0;               // of the trusted root; 0: none
    bool suspicious = false;                      // the last round of work failed as if somebody attacked it

    bool operator==(update_report const&) const = default;
};

}  // namespace tp::update
