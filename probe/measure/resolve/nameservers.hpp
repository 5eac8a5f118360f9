#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/ip_prefix.hpp"
#include "base/time.hpp"

namespace tp::probe {

/// The addresses of the "nameserver" lines of resolv.conf(5), each once, in their order; an IPv6 address may have a
/// zone ("fe80::1%eth0"). Lines that hold no address are passed over, as the C library does.
struct resolver_list {
    static constexpr std::size_t largest_file = 64 * 1024;  // octets
    static constexpr std::size_t most = 16;                 // further ones are left out

    static std::vector<ip_address> parse(std::string_view text);
};

/// This machine's resolvers, as it says itself; read again when the file has changed.
class nameservers {
public:
    static constexpr std::chrono::seconds look_every{1};

    explicit nameservers(std::filesystem::path file = "/etc/resolv.conf") : file_(std::move(file)) {}

    /// Looks at the file, unless that was done within `look_every`. True if there are other addresses than before. A
    /// file that cannot be read has none.
    bool look(steady_time now);

    std::vector<ip_address> const& all() const noexcept { return all_; }

private:
    struct version {
        std::int64_t modified = 0;  // nanoseconds
        std::uint64_t inode = 0, size = 0;
        bool operator==(version const&) const = default;
    };
    version on_disk() const;

    std::filesystem::path file_;
    version read_;
    steady_time next_look_ = steady_time::min();
    std::vector<ip_address> all_;
};

}  // namespace tp::probe
