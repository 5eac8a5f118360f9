#pragma once

#include <string_view>

namespace tp::log {

enum class level { debug, info, warning, error };

/// Lines longer than this are cut, in octets.
inline constexpr std::size_t longest_line = 2048;

/// Lines below this level are dropped; info at start.
void set_level(level lowest) noexcept;

/// Writes one line to standard error: level, component, text. Control characters are replaced, so that nothing that
/// came from a peer can forge a line. Never pass secrets.
void write(level at, std::string_view component, std::string_view text);

inline void debug(std::string_view component, std::string_view text)
{
    write(level::debug, component, text);
}
inline void info(std::string_view component, std::string_view text)
{
    write(level::info, component, text);
}
inline void warning(std::string_view component, std::string_view text)
{
    write(level::warning, component, text);
}
inline void error(std::string_view component, std::string_view text)
{
    write(level::error, component, text);
}

}  // namespace tp::log
