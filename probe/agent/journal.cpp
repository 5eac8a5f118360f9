#include "probe/agent/journal.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include "base/log.hpp"
#include "base/time.hpp"

namespace tp::probe {

void journal::write(std::string_view line) const
{
    if (path_.empty()) return log::info("refused", line);
    std::error_code ignored;
    auto const size = std::filesystem::file_size(path_, ignored);
    if (!ignored && size > largest) std::filesystem::rename(path_, path_.string() + ".1", ignored);
    auto text = std::to_string(to_unix_seconds(wall_now())) + ' ';
    text.append(line.substr(0, log::longest_line));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    std::ofstream(path_, std::ios::app) << text << '\n';
}

}  // namespace tp::probe
