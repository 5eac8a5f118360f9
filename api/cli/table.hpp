#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tp::cli {

/// Text as a terminal may show it: control characters (which could move the cursor or forge lines) become '?'.
std::string printable(std::string_view text);

/// Columns for people: as wide as their widest cell (counted in UTF-8 characters), two spaces apart, no trailing space.
class table {
public:
    enum class side { left, right };
    struct column {
        std::string title;
        side align = side::left;
    };

    explicit table(std::vector<column> columns) : columns_(std::move(columns)) {}

    /// Missing cells are empty; more than there are columns are dropped.
    void add(std::vector<std::string> cells);
    std::size_t size() const noexcept { return rows_.size(); }
    /// The title line and one line for each row, each with its line end.
    std::string text() const;

private:
    std::vector<column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace tp::cli
