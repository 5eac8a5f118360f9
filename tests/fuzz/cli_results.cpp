#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/cli/shown/tally.hpp"

/// A result as an API (any that the user names) may send it: whatever is in it, what we print is one line for each
/// line.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    boost::json::error_code ec;
    auto const value = boost::json::parse({reinterpret_cast<char const*>(data), size}, ec);
    auto const result = ec ? std::nullopt : tp::cli::read_result(value);
    if (!result) return 0;
    if (tp::cli::line_of(*result).find_first_of("\n\x1b") != std::string::npos) std::abort();
    if (result->details.find('\x1b') != std::string::npos) std::abort();
    tp::cli::tally all;
    all.add(*result);
    if (all.text(1).find('\x1b') != std::string::npos) std::abort();
    return 0;
}
