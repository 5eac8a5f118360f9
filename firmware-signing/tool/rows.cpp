#include "firmware-signing/tool/rows.hpp"

#include <algorithm>

namespace tp::signing::tool {

constexpr std::size_t title_width = 12;  // columns

std::string padded(std::string_view text, std::size_t width)
{
    std::string out(text);
    out.resize(std::max(width, out.size() + 1), ' ');
    return out;
}

std::string row(std::string_view title, std::string_view value)
{
    return padded(title, title_width) + std::string(value) + '\n';
}

std::string joined(std::vector<std::string> const& words)
{
    std::string out;
    for (auto const& each : words) out += (out.empty() ? "" : ", ") + each;
    return out;
}

}  // namespace tp::signing::tool
