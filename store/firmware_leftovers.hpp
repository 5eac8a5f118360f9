#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "store/database.hpp"
#include "store/firmware_files.hpp"

/// What of the signed repository may still be needed, as far as the database knows, and the removal of what is not: who
/// decides about that reads the metadata.
namespace tp::store {

/// So long replaced timestamps are kept, and with them it is known what clients may still be asking for.
inline constexpr std::chrono::hours replaced_timestamp_kept{24 * 7};

struct replaced_timestamp {
    std::optional<std::string> octets;  // none: nobody knows what was in force before
    wall_time replaced;
};
/// Those that were in force at some time since then, the newest first.
boost::asio::awaitable<result<std::vector<replaced_timestamp>>> replaced_timestamps(database& database,
                                                                                    wall_time since);

struct wanted_target {
    std::string path;    // as metadata names it, without a hash
    std::string sha256;  // 32 octets; empty: of any content, for nobody has looked it up yet
    bool operator==(wanted_target const&) const = default;
};
/// What rollouts that still have something to do are about, and what a probe was told to install by an instruction that
/// is still good.
boost::asio::awaitable<result<std::vector<wanted_target>>> wanted_targets(database& database);

/// The whole content of a small file. Errors: errc::too_large for more than `most` octets; errc::not_found when it was
/// replaced or removed meanwhile.
boost::asio::awaitable<result<std::string>> read_firmware_file(database& database, firmware_file file,
                                                               std::uint64_t most);

/// Removes files, all or none, and tells controllers. Errors: errc::conflict when this timestamp is not in force any
/// more: what was decided by it may be wrong by now.
boost::asio::awaitable<result<void>> remove_firmware_files(database& database, firmware_file_id timestamp,
                                                           std::vector<firmware_file_id> files);

}  // namespace tp::store
