#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "store/firmware_files.hpp"

namespace tp::controller {

using piece_ptr = std::shared_ptr<std::string const>;

/// Which piece of which file. A file's number names its content, so what is cached is never out of date.
struct piece_key {
    store::firmware_file_id file;
    std::uint32_t number = 0;
    bool operator==(piece_key const&) const = default;
};
struct piece_key_hash {
    std::size_t operator()(piece_key key) const noexcept
    {
        return std::hash<std::uint64_t>{}(static_cast<std::uint64_t>(key.file.value()) << 32 | key.number);
    }
};

/// Pieces of files in memory, of which the one goes first that was not asked for longest.
class piece_cache {
public:
    explicit piece_cache(std::size_t most_octets) : most_(most_octets) {}

    /// Nothing if it is not here.
    piece_ptr find(piece_key key);
    /// One that is larger than the whole cache is not kept.
    void put(piece_key key, piece_ptr piece);
    std::size_t octets() const noexcept { return octets_; }

private:
    struct held {
        piece_key key;
        piece_ptr piece;
    };
    std::size_t most_, octets_ = 0;
    std::list<held> by_use_;  // the newest first
    std::unordered_map<piece_key, std::list<held>::iterator, piece_key_hash> by_key_;
};

}  // namespace tp::controller
