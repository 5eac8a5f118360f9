#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/signed_files.hpp"
#include "base/time.hpp"
#include "store/database.hpp"

/// The signed repository in the database: files on their way to the probes, which alone judge them. A file is seen only
/// when it is whole and has the hash that was promised. None is ever changed but the timestamp, which makes all that
/// came before it known: controllers are told of the repository when it is replaced.
namespace tp::store {

inline constexpr std::size_t firmware_piece_size = 256 * 1024;    // octets; the last piece of a file may be shorter
inline constexpr std::size_t largest_firmware_part = 512 * 1024;  // octets of one upload
inline constexpr std::uint64_t largest_firmware_file = largest_signed_file;  // octets
inline constexpr std::uint64_t largest_repository = 2ULL << 30;  // octets of all files, also of unfinished ones
inline constexpr std::size_t most_firmware_files = 20'000;       // likewise
inline constexpr std::size_t longest_firmware_path = 512;        // octets
inline constexpr std::chrono::hours unfinished_upload_kept{24};  // since it began, if others need the room
inline constexpr std::string_view firmware_timestamp = "metadata/timestamp.json";

/// "metadata/" or "targets/", and then plain segments: not empty, not "." or "..", of ASCII that shows and no
/// backslash.
bool is_firmware_path(std::string_view path) noexcept;

using firmware_file_id = strong_id<struct firmware_file_kind>;

struct firmware_file {
    firmware_file_id id;  // of this content: a timestamp that replaces another has a new one
    std::string path;
    std::uint64_t size = 0;  // octets, from 1
    std::string sha256;      // 32 octets
    wall_time stored;
};

/// A part of a file. Parts of one file come in any order, but the first one (offset 0) begins the upload, anew if
/// another content was promised before. @pre is_firmware_path(path)
struct firmware_part {
    std::string path;
    std::uint64_t size = 0;    // of the whole file
    std::string sha256;        // likewise
    std::uint64_t offset = 0;  // a multiple of firmware_piece_size
    std::string octets;        // whole pieces, but for the file's end
};

enum class firmware_taken { part, whole, other_hash };

/// Takes a part, and the file with its last one. The answer is `whole` also when it was there
/// before, and `other_hash` when it is not what was promised: then it is forgotten.
/// Errors: errc::malformed for a part that does not fit in its file or is not of whole pieces; errc::too_large for a
/// file or, with it, a repository beyond the limits; errc::conflict when another file has that path, or another upload
/// took the place of this one.
boost::asio::awaitable<result<firmware_taken>> put_firmware_part(database& database, firmware_part part);

/// All whole files, by path.
boost::asio::awaitable<result<std::vector<firmware_file>>> firmware_files(database& database);
/// Errors: errc::not_found.
boost::asio::awaitable<result<firmware_file>> find_firmware_file(database& database, std::string path);
/// The octets of piece `number`, from 0, of a whole file. Errors: errc::not_found, also for a timestamp that was
/// replaced.
boost::asio::awaitable<result<std::string>> read_firmware_piece(database& database, firmware_file_id file,
                                                                std::uint32_t number);

}  // namespace tp::store
