#include <openssl/evp.h>

#include <array>

#include "base/handle.hpp"
#include "store/firmware_files.hpp"
#include "store/firmware_leftovers.hpp"
#include "store/firmware_lock.hpp"
#include "store/pool.hpp"

// The way of a file into the repository: one transaction for each part, and the last one makes the file seen.
namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr std::size_t hash_length = 32;  // octets

result<void> check(firmware_part const& part)
{
    if (part.size > largest_firmware_file || part.octets.size() > largest_firmware_part) return errc::too_large;
    if (part.size == 0 || part.octets.empty() || part.sha256.size() != hash_length) return errc::malformed;
    if (part.offset % firmware_piece_size != 0 || part.offset >= part.size) return errc::malformed;
    auto const left = part.size - part.offset;
    if (part.octets.size() > left) return errc::malformed;
    if (part.octets.size() % firmware_piece_size != 0 && part.octets.size() != left) return errc::malformed;
    return {};
}

std::int64_t pieces_of(firmware_part const& part)
{
    return static_cast<std::int64_t>((part.size + firmware_piece_size - 1) / firmware_piece_size);
}

/// Whether the file is there already. Errors: errc::conflict for another one that stays.
asio::awaitable<result<firmware_taken>> present(connection& link, firmware_part const& part)
{
    auto const found = co_await link.run(
        "select size, sha256 from firmware_file where path = $1 and stored_at is not null", parameters::of(part.path));
    if (!found) co_return found.error();
    if (found->empty()) co_return firmware_taken::part;
    bool const same =
        found->integer(0, 0) == static_cast<std::int64_t>(part.size) && found->octets(0, 1) == part.sha256;
    if (!same && part.path != firmware_timestamp) co_return errc::conflict;
    co_return same ? firmware_taken::whole : firmware_taken::part;
}

/// Makes the row of a new upload, if there is room. @pre the lock is held.
asio::awaitable<result<std::int64_t>> begin_upload(connection& link, firmware_part const& part)
{
    auto const dropped = co_await link.run(
        "delete from firmware_file where stored_at is null and (path = $1 or begun_at < now() - $2::int * interval '1 "
        "hour')",
        parameters::of(part.path, static_cast<std::int64_t>(unfinished_upload_kept.count())));
    if (!dropped) co_return dropped.error();
    auto const total = co_await link.run("select count(*), coalesce(sum(size), 0)::bigint from firmware_file");
    if (!total) co_return total.error();
    bool const full =
        total->integer(0, 0) >= static_cast<std::int64_t>(most_firmware_files) ||
        total->integer(0, 1) + static_cast<std::int64_t>(part.size) > static_cast<std::int64_t>(largest_repository);
    if (full) co_return errc::too_large;
    parameters values;
    values.add(part.path);
    values.add(static_cast<std::int64_t>(part.size));
    values.add_octets(part.sha256);
    auto const made = co_await link.run(
        "insert into firmware_file (path, size, sha256) values ($1, $2::bigint, $3::bytea) returning id",
        std::move(values));
    if (!made) co_return made.error();
    co_return made->integer(0, 0);
}

/// The number of the upload that this part belongs to.
asio::awaitable<result<std::int64_t>> upload_of(connection& link, firmware_part const& part)
{
    parameters values;
    values.add(part.path);
    values.add(static_cast<std::int64_t>(part.size));
    values.add_octets(part.sha256);
    auto const found = co_await link.run(
        "select id from firmware_file "
        "where path = $1 and size = $2::bigint and sha256 = $3::bytea and stored_at is null",
        std::move(values));
    if (!found) co_return found.error();
    if (!found->empty()) co_return found->integer(0, 0);
    if (part.offset != 0) co_return errc::conflict;
    co_return co_await begin_upload(link, part);
}

asio::awaitable<result<void>> put_pieces(connection& link, std::int64_t file, firmware_part const& part)
{
    auto number = static_cast<std::int64_t>(part.offset / firmware_piece_size);
    for (std::size_t at = 0; at < part.octets.size(); at += firmware_piece_size, ++number) {
        parameters values;
        values.add(file);
        values.add(number);
        values.add_octets(part.octets.substr(at, firmware_piece_size));
        auto const put = co_await link.run(
            "insert into firmware_piece (file_id, number, octets) values ($1::int, $2::int, $3::bytea) "
            "on conflict (file_id, number) do update set octets = excluded.octets",
            std::move(values));
        if (!put) co_return put.error();
    }
    co_return result<void>{};
}

/// SHA-256 of all pieces, one after the other: no file is ever in memory as a whole.
asio::awaitable<result<std::string>> hash_of(connection& link, std::int64_t file, std::int64_t pieces)
{
    handle<EVP_MD_CTX, EVP_MD_CTX_free> const context(EVP_MD_CTX_new());
    if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) co_return errc::unavailable;
    for (std::int64_t number = 0; number < pieces; ++number) {
        auto const found =
            co_await link.run("select octets from firmware_piece where file_id = $1::int and number = $2::int",
                              parameters::of(file, number));
        if (!found) co_return found.error();
        if (found->empty()) co_return errc::not_found;
        auto const octets = found->octets(0, 0);
        EVP_DigestUpdate(context.get(), octets.data(), octets.size());
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
    co_return std::string(reinterpret_cast<char const*>(digest.data()), hash_length);
}

/// Keeps the timestamp that is about to be replaced, for clients are still on their way through what it names. One that
/// does not lie in one piece is none that clients take.
asio::awaitable<result<void>> keep_timestamp(connection& link)
{
    auto const kept = co_await link.run(
        "insert into firmware_replaced (octets) select p.octets from firmware_file f join firmware_piece p on "
        "p.file_id = f.id where f.path = $1 and f.stored_at is not null and f.size = length(p.octets)",
        parameters::of(firmware_timestamp));
    if (!kept) co_return kept.error();
    auto const dropped =
        co_await link.run("delete from firmware_replaced where replaced_at < now() - $1::int * interval '1 hour'",
                          parameters::of(static_cast<std::int64_t>(replaced_timestamp_kept.count())));
    if (!dropped) co_return dropped.error();
    co_return result<void>{};
}

/// Shows the file, in the place of the one before it.
asio::awaitable<result<void>> show(connection& link, std::int64_t file, std::string path)
{
    bool const is_timestamp = path == firmware_timestamp;
    if (is_timestamp) {
        auto const kept = co_await keep_timestamp(link);
        if (!kept) co_return kept.error();
    }
    auto const replaced = co_await link.run("delete from firmware_file where path = $1 and stored_at is not null",
                                            parameters::of(std::move(path)));
    if (!replaced) co_return replaced.error();
    auto const shown =
        co_await link.run("update firmware_file set stored_at = now() where id = $1::int", parameters::of(file));
    if (!shown) co_return shown.error();
    if (!is_timestamp) co_return result<void>{};
    auto const told = co_await link.run("select announce('firmware', $1::int)", parameters::of(file));
    if (!told) co_return told.error();
    co_return result<void>{};
}

asio::awaitable<result<firmware_taken>> take(connection& link, firmware_part const& part)
{
    auto const locked = co_await lock_repository(link);
    if (!locked) co_return locked.error();
    auto const there = co_await present(link, part);
    if (!there) co_return there.error();
    if (*there == firmware_taken::whole) co_return firmware_taken::whole;
    auto const file = co_await upload_of(link, part);
    if (!file) co_return file.error();
    auto const put = co_await put_pieces(link, *file, part);
    if (!put) co_return put.error();
    auto const count =
        co_await link.run("select count(*) from firmware_piece where file_id = $1::int", parameters::of(*file));
    if (!count) co_return count.error();
    if (count->integer(0, 0) < pieces_of(part)) co_return firmware_taken::part;
    auto const hash = co_await hash_of(link, *file, pieces_of(part));
    if (!hash) co_return hash.error();
    if (*hash == part.sha256) {
        auto const shown = co_await show(link, *file, part.path);
        if (!shown) co_return shown.error();
        co_return firmware_taken::whole;
    }
    auto const forgotten = co_await link.run("delete from firmware_file where id = $1::int", parameters::of(*file));
    if (!forgotten) co_return forgotten.error();
    co_return firmware_taken::other_hash;
}

}  // namespace

asio::awaitable<result<firmware_taken>> put_firmware_part(database& database, firmware_part part)
{
    auto const sound = check(part);
    if (!sound) co_return sound.error();
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto const begun = co_await (*held)->script("begin");
    if (!begun) co_return begun.error();
    auto const taken = co_await take(**held, part);
    if (!taken) {
        [[maybe_unused]] auto const undone = co_await (*held)->script("rollback");
        co_return taken.error();
    }
    auto const done = co_await (*held)->script("commit");
    if (!done) co_return done.error();
    co_return *taken;
}

}  // namespace tp::store
