#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "probe/agent/kept.hpp"
#include "proto/block_list.hpp"

namespace tp::probe {

/// The list of address blocks that the platform says are to be left alone, kept over restarts.
class block_keeper {
public:
    struct seams {
        std::function<void(std::vector<ip_prefix>)> use;                 // from now on
        std::function<void(std::string kind, std::string text)> report;  // to the platform
    };

    block_keeper(kept_files files, seams into) : files_(std::move(files)), into_(std::move(into)) {}

    /// Takes up what was kept. Its version is told to no controller: that of another platform may mean another list by
    /// the same number.
    void restore();
    /// The list, or why it is no document. It replaces the one before. One that cannot be read is told to the platform,
    /// and changes nothing.
    void take(result<std::string> list);

    /// Of the list that came; 0: none did since the start.
    std::uint64_t version() const noexcept { return version_; }

private:
    void use(proto::block_list list);

    kept_files files_;
    seams into_;
    std::uint64_t version_ = 0;
};

}  // namespace tp::probe
