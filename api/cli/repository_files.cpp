#include "api/cli/repository_files.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "base/files.hpp"
#include "base/handle.hpp"

namespace tp::cli {
namespace {

constexpr std::string_view timestamp = "metadata/timestamp.json", metadata = "metadata/", targets = "targets/";

/// 0 for what is published first.
int rank(std::string const& path)
{
    if (path == timestamp) return 4;
    if (!path.starts_with(metadata)) return 0;
    if (path.ends_with(".root.json")) return 3;
    return path.ends_with(".snapshot.json") ? 2 : 1;
}

std::string hex(unsigned char const* octets, std::size_t size)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < size; ++i) {
        out += digits[octets[i] >> 4];
        out += digits[octets[i] & 15];
    }
    return out;
}

result<repository_file> look_at(std::filesystem::path const& folder, std::filesystem::path const& file)
{
    constexpr std::size_t block = 64 * 1024;  // octets
    repository_file out{file.lexically_relative(folder).generic_string(), 0, {}};
    std::ifstream in(file, std::ios::binary);
    handle<EVP_MD_CTX, EVP_MD_CTX_free> const context(EVP_MD_CTX_new());
    if (!in || !context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
        return error_code(errno, boost::system::system_category());
    std::array<char, block> buffer{};
    while (in.read(buffer.data(), block) || in.gcount() > 0) {
        auto const read = static_cast<std::size_t>(in.gcount());
        EVP_DigestUpdate(context.get(), buffer.data(), read);
        out.size += read;
    }
    if (in.bad()) return errc::unavailable;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_DigestFinal_ex(context.get(), digest.data(), &length);
    out.sha256 = hex(digest.data(), length);
    return out;
}

result<void> collect(std::filesystem::path const& folder, char const* part, std::vector<repository_file>& into)
{
    error_code ec;
    std::filesystem::recursive_directory_iterator entries(folder / part, ec);
    for (auto const end = std::filesystem::recursive_directory_iterator(); !ec && entries != end;
         entries.increment(ec)) {
        auto const& path = entries->path();
        bool const hidden = path.filename().string().starts_with('.');
        if (hidden && entries->is_directory()) entries.disable_recursion_pending();
        if (hidden || !entries->is_regular_file()) continue;
        auto one = look_at(folder, path);
        if (!one) return one.error();
        into.push_back(std::move(*one));
    }
    if (ec) return ec;
    return {};
}

bool is_needed(std::string_view path, tuf::file_names const& named)
{
    if (!path.starts_with(metadata)) return named.targets.contains(path.substr(targets.size()));
    return path == timestamp || path.ends_with(".root.json") || named.metadata.contains(path.substr(metadata.size()));
}

}  // namespace

result<tuf::file_names> names_in(std::filesystem::path const& folder, std::string& failed_file)
{
    auto const timestamp_octets = read_file(folder / timestamp, tuf::limits{}.timestamp);
    failed_file = "timestamp.json";
    if (!timestamp_octets) return timestamp_octets.error();
    tuf::named_files machine(*timestamp_octets, {});
    for (;;) {
        auto const& next = machine.next();
        if (std::holds_alternative<tuf::finished>(next)) return machine.found();
        if (auto const* const why = std::get_if<tuf::failed>(&next)) {
            failed_file = why->file;
            return why->why;
        }
        auto const& wanted = std::get<tuf::download>(next);
        machine.answer(read_file(folder / "metadata" / wanted.file, wanted.most));
    }
}

std::vector<repository_file> needed(std::vector<repository_file> all, tuf::file_names const& named)
{
    std::erase_if(all, [&](repository_file const& each) { return !is_needed(each.path, named); });
    return all;
}

bool goes_before(std::string const& one, std::string const& next)
{
    return std::pair(rank(one), std::string_view(one)) < std::pair(rank(next), std::string_view(next));
}

result<std::vector<repository_file>> repository_files(std::filesystem::path const& folder)
{
    error_code ec;
    if (!std::filesystem::is_regular_file(folder / timestamp, ec)) return errc::not_found;
    std::vector<repository_file> out;
    for (auto const* part : {"metadata", "targets"}) {
        auto const found = collect(folder, part, out);
        if (!found) return found.error();
    }
    std::sort(out.begin(), out.end(), [](auto const& a, auto const& b) { return goes_before(a.path, b.path); });
    return out;
}

std::vector<repository_file> missing(std::vector<repository_file> all,
                                     std::map<std::string, std::string> const& hash_by_path)
{
    std::erase_if(all, [&](repository_file const& each) {
        auto const there = hash_by_path.find(each.path);
        return there != hash_by_path.end() && there->second == each.sha256;
    });
    return all;
}

}  // namespace tp::cli
