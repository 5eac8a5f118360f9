#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/database.hpp"
#include "store/firmware_files.hpp"

/// All firmware that offline keys ever signed. A director, who verifies the repository, keeps the list.
namespace tp::store {

inline constexpr std::size_t most_signed_targets = most_firmware_files;

struct signed_target {
    std::string path;
    std::string model;
    std::uint64_t release = 0;
    std::uint64_t length = 0;  // octets
    std::string sha256;        // 32 octets
    bool operator==(signed_target const&) const = default;
};

/// The timestamp of the repository, if not everything below it is known to be on the list.
boost::asio::awaitable<result<std::optional<firmware_file_id>>> unlisted_repository(database& database);

/// Adds what is not on the list yet, and notes that all below this timestamp is: both or none. Errors: errc::too_large
/// when there would be more than most_signed_targets.
boost::asio::awaitable<result<void>> list_signed_targets(database& database, firmware_file_id timestamp,
                                                         std::vector<signed_target> found);

struct signed_list {
    bool complete = false;  // everything below today's timestamp is on it
    std::vector<signed_target> all;
};
boost::asio::awaitable<result<signed_list>> signed_targets(database& database);

}  // namespace tp::store
