#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <unordered_map>

namespace tp::probe {

/// Whose a packet is: by identifier and sequence of echo messages, and by key of time stamps.
class demux {
public:
    struct owner {
        std::uint64_t run = 0;
        unsigned packet = 0;
        bool operator==(owner const&) const = default;
    };
    struct name {
        std::uint16_t identifier = 0, sequence = 0;
    };

    /// @param own_identifiers  false for a ping socket, where the kernel chooses one for all.
    explicit demux(bool own_identifiers) : own_identifiers_(own_identifiers) {}

    /// A name for a packet that is about to be sent, in use until forgotten. `identifier` is the run's own (ignored
    /// where the kernel chooses). Nothing when every name is in use.
    std::optional<name> take(std::uint16_t identifier, owner of);
    void forget(name what);
    std::optional<owner> find(std::uint16_t identifier, std::uint16_t sequence) const;

    void sent(std::uint32_t key, owner of) { stamps_[key % stamps_.size()] = {key, of}; }
    std::optional<owner> find_sent(std::uint32_t key) const;

private:
    std::uint32_t index(std::uint16_t identifier, std::uint16_t sequence) const noexcept
    {
        return (own_identifiers_ ? std::uint32_t{identifier} << 16 : 0) | sequence;
    }

    bool own_identifiers_;
    std::uint16_t next_sequence_ = 1;
    std::unordered_map<std::uint32_t, owner> names_;
    struct stamped {
        std::uint32_t key = 0;
        owner of;
    };
    std::array<stamped, 1024> stamps_{};  // of the packets sent last: a stamp comes within moments, or not at all
};

}  // namespace tp::probe
