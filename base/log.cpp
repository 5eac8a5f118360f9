#include "base/log.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <string>

#include "base/time.hpp"

namespace tp::log {
namespace {

std::atomic<level> lowest_level{level::info};

constexpr std::array names{"debug", "info", "warning", "error"};

std::string timestamp()
{
    auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 32> text{};
    auto const length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return std::string(text.data(), length);
}

}  // namespace

void set_level(level lowest) noexcept
{
    lowest_level = lowest;
}

void write(level at, std::string_view component, std::string_view text)
{
    if (at < lowest_level.load()) return;
    auto line = timestamp() + ' ' + names[static_cast<std::size_t>(at)] + ' ';
    line.append(component).append(": ").append(text);
    if (line.size() > longest_line - 1) line.replace(longest_line - 4, std::string::npos, "...");
    for (auto& c : line) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    line += '\n';
    // One write a line: lines of several processes on one terminal do not mix. A log that cannot be written is no
    // reason to stop.
    [[maybe_unused]] auto const written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace tp::log
