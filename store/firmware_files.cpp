#include "store/firmware_files.hpp"

#include <algorithm>

#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr char columns[] =
    "select id, path, size, sha256, micros(stored_at) from firmware_file where stored_at is not null";

result<firmware_file> file_from(rows const& found, int row)
{
    auto const id = firmware_file_id::from(found.integer(row, 0));
    if (!id) return id.error();
    return firmware_file{*id, found.text(row, 1), static_cast<std::uint64_t>(found.integer(row, 2)),
                         found.octets(row, 3), found.time(row, 4)};
}

bool is_segment(std::string_view text) noexcept
{
    auto const shows = [](char c) { return c > ' ' && c <= '~' && c != '\\'; };
    return !text.empty() && text != "." && text != ".." && std::all_of(text.begin(), text.end(), shows);
}

}  // namespace

bool is_firmware_path(std::string_view path) noexcept
{
    if (path.size() > longest_firmware_path) return false;
    auto const first = path.substr(0, path.find('/'));
    if ((first != "metadata" && first != "targets") || first.size() == path.size()) return false;
    path.remove_prefix(first.size() + 1);
    for (;;) {
        auto const slash = path.find('/');
        if (!is_segment(path.substr(0, slash))) return false;
        if (slash == path.npos) return true;
        path.remove_prefix(slash + 1);
    }
}

asio::awaitable<result<std::vector<firmware_file>>> firmware_files(database& database)
{
    auto const found = co_await database.connections().run(std::string(columns) + " order by path");
    if (!found) co_return found.error();
    std::vector<firmware_file> out;
    out.reserve(static_cast<std::size_t>(found->count()));
    for (int row = 0; row < found->count(); ++row) {
        auto one = file_from(*found, row);
        if (!one) co_return one.error();
        out.push_back(std::move(*one));
    }
    co_return std::move(out);
}

asio::awaitable<result<firmware_file>> find_firmware_file(database& database, std::string path)
{
    auto const found =
        co_await database.connections().run(std::string(columns) + " and path = $1", parameters::of(std::move(path)));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    co_return file_from(*found, 0);
}

asio::awaitable<result<std::string>> read_firmware_piece(database& database, firmware_file_id file,
                                                         std::uint32_t number)
{
    auto const found = co_await database.connections().run(
        "select octets from firmware_piece where number = $2::int and file_id = "
        "(select id from firmware_file where id = $1::int and stored_at is not null)",
        parameters::of(file.value(), static_cast<std::int64_t>(number)));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    co_return found->octets(0, 0);
}

}  // namespace tp::store
