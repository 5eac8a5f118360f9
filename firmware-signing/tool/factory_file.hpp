#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"
#include "firmware-signing/factory_list.hpp"
#include "firmware-signing/tool/anchor_file.hpp"

/// The devices of a batch as the factory writes them, in TOML:
///
///     batch = "2026-11-a"
///
///     [[device]]
///     serial = "TP1-000123"
///     model = "hw1"
///     revision = "3"
///     claim_code = "7KQ2-..."          # as on its label; or claim_code_sha256
///     report = "TP1-000123.report"     # of `trigpoint-probe selftest`, beside this file
namespace tp::signing::tool {

inline constexpr std::size_t largest_factory_file = 2 * 1024 * 1024;  // octets
inline constexpr std::chrono::days oldest_report{366};

struct factory_file {
    device_list list;
    std::optional<std::string> complaint;  // where in the file, and what is wrong
};
/// A device's key is that of its report, which has to be good: signed by the key, passed, and not older than a year.
/// @param name    of the file, for complaints.
/// @param report  gives the octets of a report by its name in the file.
factory_file read_factory_file(std::string_view text, std::string const& name, wall_time now,
                               std::function<result<std::string>(std::string const&)> const& report);

/// The list as a document that nobody has signed.
prepared prepare_factory_list(device_list list, std::uint64_t version, wall_time expires, wall_time now);

}  // namespace tp::signing::tool
