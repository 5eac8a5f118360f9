#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ssh/keys.hpp"

/// The content of the target "control/hosts": whom probes call, and by which keys they know the registries and the
/// controllers. Lines of a kind stand together and in ascending order of their octets:
///
///     registry registry.example.net:7440
///     registry-key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI...
///     controller-key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI...
namespace tp::control {

/// "registry.example.net:7440", "192.0.2.1:7440", "[2001:db8::1]:7440".
struct place {
    std::string host;  // an address in its usual spelling, without brackets, or a host name in lower case
    std::uint16_t port = 0;
    bool operator==(place const&) const = default;

    /// Errors: signing::refusal::malformed for anything but its one spelling, and for port 0.
    static result<place> parse(std::string_view text);
    std::string text() const;
};

struct hosts {
    static constexpr std::size_t most_registries = 16, most_registry_keys = 16;  // at least one of each
    static constexpr std::size_t most_controller_keys = 1'000;

    std::vector<place> registries;
    std::vector<ssh::public_key> registry_keys;
    std::vector<ssh::public_key> controller_keys;  // none: a controller's key is believed as the registry tells it
    bool operator==(hosts const&) const = default;
};

/// Errors: signing::refusal::malformed for anything but the one spelling, or none of what must be there;
/// signing::refusal::too_large.
result<hosts> read_hosts(std::string_view content);
/// Whether this, without a line's end, could be a line of it.
bool is_line_of_hosts(std::string_view line);

}  // namespace tp::control
