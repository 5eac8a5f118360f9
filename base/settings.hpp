#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tp {

/// A configuration file (TOML), read key by key with dotted names ("listen.port"). Whoever reads it asks for every key
/// it knows and calls finish(): a key that nobody asked for is an error that names the nearest known one. The first
/// thing wrong is kept and told by finish(); until then every getter answers its default.
class settings {
public:
    static constexpr std::size_t largest_file = 256 * 1024;  // octets

    /// Errors become the complaint that finish() returns.
    static settings read_file(std::filesystem::path const& path);
    static settings parse(std::string_view text, std::string name);

    settings(settings&&) noexcept;
    settings& operator=(settings&&) noexcept;
    ~settings();

    std::string text(std::string_view key, std::string_view otherwise);
    std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most);
    bool flag(std::string_view key, bool otherwise);
    /// A number with or without a fraction; nothing when there is none.
    std::optional<double> real(std::string_view key, double least, double most);
    std::vector<std::string> texts(std::string_view key);
    std::vector<std::int64_t> integers(std::string_view key, std::int64_t least, std::int64_t most);
    /// The tables of a list ([[key]]). Each has keys, complaints (which name its line) and a finish() of its own.
    std::vector<settings> tables(std::string_view key);
    /// Whether the file says anything about it: an empty list is not the same as none.
    bool has(std::string_view key);
    /// A whole number of seconds.
    std::chrono::seconds seconds(std::string_view key, std::chrono::seconds otherwise, std::chrono::seconds least,
                                 std::chrono::seconds most);

    /// Complains about a value that the caller could not use.
    void complain(std::string_view key, std::string_view what);

    enum class unknown_keys { refused, passed_over };
    /// The first complaint ("trigpoint.toml: unknown key \"lisen.port\"; did you mean \"listen.port\"?"), or nothing.
    /// What is passed over is logged.
    std::optional<std::string> finish(unknown_keys are = unknown_keys::refused);

private:
    settings();
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace tp
