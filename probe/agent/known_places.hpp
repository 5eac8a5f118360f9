#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ssh/keys.hpp"
#include "probe/agent/configuration.hpp"
#include "proto/messages.hpp"

namespace tp::probe {

/// Which registries are called, and whose host keys are believed: those of the configuration, until one of those that
/// officers signed has answered. From then on only the signed ones count, also after a restart, so that a key that was
/// stolen can be done away with; and a list with a mistake in it locks nobody out.
class known_places {
public:
    struct registry {
        host_port at;
        std::vector<ssh::public_key> keys;
    };

    /// @param from  must outlive this.
    /// @param file  remembers which list was adopted.
    known_places(configuration const& from, std::filesystem::path file) : from_(from), file_(std::move(file)) {}

    /// What officers signed; none: they took it back. Errors: those of control::read_hosts().
    result<void> use(std::optional<std::string_view> hosts);

    /// From 1. It changes when lists do.
    std::size_t count() const noexcept;
    /// @param index  counted round and round.
    registry at(std::size_t index) const;
    /// This registry has answered, and proved to have one of its keys.
    void answered(std::size_t index);
    /// Whether every controller of an assignment has only keys that officers listed. With no such list, any will do.
    bool know(proto::assignment const& placed) const;
    bool know(proto::controller_place const& one) const;
    bool adopted() const noexcept { return adopted_; }

private:
    configuration const& from_;
    std::filesystem::path file_;
    std::vector<host_port> registries_;  // signed, and so are all keys here
    std::vector<ssh::public_key> registry_keys_, controller_keys_;
    std::string hash_;  // of the signed list, hexadecimal digits
    bool adopted_ = false;
};

}  // namespace tp::probe
