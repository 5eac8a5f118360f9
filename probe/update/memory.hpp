#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "probe/update/instruction_rules.hpp"
#include "probe/update/progress.hpp"
#include "probe/update/update_plan.hpp"

namespace tp::update {

/// What the probe remembers of updates over a restart, besides the metadata itself: one small file of text, replaced as
/// a whole.
struct memory {
    static constexpr std::size_t largest = 16 * 1024;  // octets of the file

    wall_time accepted{};                                     // of the update clock
    std::uint64_t root_version = 0;                           // of the trusted root; 0: none
    std::map<std::string, std::string, std::less<>> control;  // name -> SHA-256 of what is in force, hexadecimal digits
    std::optional<last_accepted> last;
    std::string signature;  // of its octets
    // What became of it, and for `status`.
    phase at = phase::idle;
    firmware::cause why = firmware::cause::none;
    bool over = false;
    std::optional<begin_plan> plan;

    bool operator==(memory const&) const = default;
    std::string text() const;
    /// Errors: errc::malformed, for anything but a whole and undamaged file in its one spelling.
    static result<memory> parse(std::string_view octets);
};

/// Where it lies in the folder of updates.
std::filesystem::path memory_file(std::filesystem::path const& folder);
/// The file. One that is missing or damaged counts as nothing remembered.
memory load_memory(std::filesystem::path const& file);
/// Errors: those of writing.
result<void> save_memory(std::filesystem::path const& file, memory const& what);

}  // namespace tp::update
