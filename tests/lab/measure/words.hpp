#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tp::lab {

/// The "name=value" words of a command line. Each is to be read by somebody: check_all_read() throws for those that
/// nobody knows. Everything here throws std::runtime_error with what is wrong.
class words {
public:
    explicit words(std::vector<std::string_view> const& all);

    /// Sets `value` if the word is there.
    void read(std::string_view name, std::string& value);
    void read(std::string_view name, unsigned& value);
    void read(std::string_view name, std::uint16_t& value);
    void read(std::string_view name, bool& value);  // true, false
    void read(std::string_view name, std::chrono::milliseconds& value);
    template <class T>
    void read(std::string_view name, std::optional<T>& value)
    {
        if (said_.contains(std::string(name))) read(name, value.emplace());
    }
    /// A word that may be there more than once.
    std::vector<std::string> all(std::string_view name);

    void check_all_read() const;

private:
    std::optional<std::string> take(std::string_view name);
    unsigned number(std::string_view name, std::string const& text, unsigned most) const;

    std::multimap<std::string, std::string> said_;
};

}  // namespace tp::lab
