#pragma once

#include <filesystem>
#include <string_view>

namespace tp::probe {

/// A file for the probe's host: what this probe refused to do, and why. It holds the last `largest` octets, at least;
/// older ones are in a second file, and beyond that gone. Without a path it goes to the log.
class journal {
public:
    static constexpr std::size_t largest = 512 * 1024;  // octets of one file

    explicit journal(std::filesystem::path path) : path_(std::move(path)) {}

    /// A journal that cannot be written is no reason to stop: the line is then lost.
    void write(std::string_view line) const;

private:
    std::filesystem::path path_;
};

}  // namespace tp::probe
