#pragma once

#include <linux/filter.h>

#include <array>
#include <cstdint>
#include <vector>

#include "base/error.hpp"

/// What the probe may ask of the kernel once its sockets are open: a filter (seccomp) in the kernel's own small
/// language.
namespace tp::probe {

/// What becomes of a call.
enum class call_verdict : std::uint8_t {
    allow,
    deny,  // EPERM: a library may try it and do without
    kill   // nothing in this program does that: somebody else is at work
};

/// A call as the filter sees it: pointers are not followed.
struct system_call {
    std::uint32_t architecture = 0;  // AUDIT_ARCH_...
    std::uint32_t number = 0;
    std::array<std::uint64_t, 6> arguments{};
};

/// The filter for this program on this architecture. What it does not name is denied.
std::vector<sock_filter> system_call_filter();

/// What a filter says to a call, by the rules of the kernel's interpreter: for tests. Only the instructions that
/// system_call_filter() uses are known; anything else is a kill.
call_verdict judge(std::vector<sock_filter> const& filter, system_call const& call);

/// From here on the filter holds, for good. @pre no_new_privs is set.
/// Errors: those of prctl(2); EINVAL where the kernel has no such filters.
result<void> restrict_system_calls();

}  // namespace tp::probe
