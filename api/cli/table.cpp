#include "api/cli/table.hpp"

#include <algorithm>

namespace tp::cli {
namespace {

bool continues(char octet) noexcept
{
    return (static_cast<unsigned char>(octet) & 0xC0) == 0x80;
}

std::size_t width_of(std::string_view text) noexcept
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

void append(std::string& line, std::string_view cell, std::size_t width, table::side align)
{
    std::string const space(width - std::min(width, width_of(cell)), ' ');
    if (align == table::side::right) line += space;
    line += cell;
    if (align == table::side::left) line += space;
}

}  // namespace

std::string printable(std::string_view text)
{
    std::string out(text);
    auto const control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    std::replace_if(out.begin(), out.end(), control, '?');
    for (std::size_t at = 0; at + 1 < out.size(); ++at) {  // U+0080 .. U+009F, the second set of control characters
        if (out[at] == '\xC2' && static_cast<unsigned char>(out[at + 1]) < 0xA0) out.replace(at, 2, "?");
    }
    return out;
}

void table::add(std::vector<std::string> cells)
{
    cells.resize(columns_.size());
    for (auto& cell : cells) cell = printable(cell);
    rows_.push_back(std::move(cells));
}

std::string table::text() const
{
    std::vector<std::string> titles;
    for (auto const& each : columns_) titles.push_back(each.title);
    std::vector<std::size_t> widths(columns_.size());
    auto const widen = [&](std::vector<std::string> const& row) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    };
    widen(titles);
    for (auto const& row : rows_) widen(row);

    std::string out;
    auto const write = [&](std::vector<std::string> const& row) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i != 0) line += "  ";
            append(line, row[i], widths[i], columns_[i].align);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    };
    write(titles);
    for (auto const& row : rows_) write(row);
    return out;
}

}  // namespace tp::cli
