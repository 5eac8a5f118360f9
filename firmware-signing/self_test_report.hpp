#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ssh/keys.hpp"
#include "base/time.hpp"

/// What `trigpoint-probe selftest` found on a device before it was shipped, signed with the device's key: a device
/// without a good report comes on no factory list.
///
///     trigpoint self-test report, format 1
///     key AAAAC3NzaC1lZDI1...
///     software 0.1.0
///     at 1796017454
///     check storage ok 1 MiB written, flushed and read back
///     ...
///     signature SIGNATURE
namespace tp::signing {

struct self_test_report {
    static constexpr std::size_t most_checks = 64, longest_text = 200, largest = 32 * 1024;  // octets
    struct check {
        std::string name;  // lower-case letters, digits and "-"
        bool good = false;
        std::string text;  // what was seen, for people
        bool operator==(check const&) const = default;
    };
    ssh::public_key key;
    std::string software;
    wall_time at;  // whole seconds
    std::vector<check> checks;

    /// All checks are good, and none of required_checks is missing.
    bool passed() const;
    bool operator==(self_test_report const&) const = default;
};
inline constexpr std::string_view required_checks[] = {"open-ports", "storage", "clock", "key",     "ping",
                                                       "traceroute", "dns",     "http",  "sslcert", "ntp"};

/// Texts are cut, and what does not show in them becomes "?". Errors: those of signing.
result<std::string> write_self_test(self_test_report const& report, ssh::private_key const& key);
/// Errors: refusal::malformed; refusal::bad_signature, when the key that it names did not sign it; refusal::too_large.
result<self_test_report> read_self_test(std::string_view octets);

}  // namespace tp::signing
