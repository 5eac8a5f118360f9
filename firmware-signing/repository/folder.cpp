#include "firmware-signing/repository/folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/files.hpp"
#include "firmware-signing/repository/rules.hpp"
#include "firmware-signing/tuf/digest.hpp"
#include "firmware-signing/tuf/folder.hpp"
#include "firmware-signing/tuf/growing_file.hpp"
#include "firmware-signing/tuf/names.hpp"

namespace tp::repository {
namespace {

std::string told(std::filesystem::path const& file, error_code why)
{
    return file.string() + ": " + why.message();
}

constexpr auto readable_by_all = std::filesystem::perms(0644);

/// Makes a folder below another one, and sees to it that it outlasts a power cut.
result<void> make_folders(std::filesystem::path const& top, std::filesystem::path const& below)
{
    if (below == top) return {};
    error_code ec;
    if (std::filesystem::is_directory(below, ec)) return {};
    if (auto const made = make_folders(top, below.parent_path()); !made) return made;
    std::filesystem::create_directory(below, ec);
    if (ec) return ec;
    return tuf::flush_folder(below.parent_path());
}

/// The octets of a target among files that were brought; nothing if none is it.
std::optional<std::string> find_octets(tuf::target_file const& facts, std::vector<std::filesystem::path> const& brought)
{
    for (auto const& file : brought) {
        error_code unknown;
        if (std::filesystem::file_size(file, unknown) != facts.length) continue;
        auto octets = read_file(file, largest_target);
        if (octets && tuf::sha256_hex(*octets) == facts.hashes.sha256) return std::move(*octets);
    }
    return std::nullopt;
}

}  // namespace

repository_folder::loaded repository_folder::load() const
{
    loaded out;
    error_code ec;
    std::filesystem::directory_iterator entries(metadata(), ec);
    if (ec == boost::system::errc::no_such_file_or_directory) return out;
    for (auto const end = std::filesystem::directory_iterator(); !ec && entries != end; entries.increment(ec)) {
        auto const& path = entries->path();
        if (path.extension() != ".json") continue;
        auto octets = read_file(path, tuf::json::largest);
        if (!octets) out.complaint = told(path, octets.error());
        if (out.files.size() == most_files) out.complaint = metadata().string() + ": too many files";
        if (out.complaint) return out;
        out.files.emplace(path.filename().string(), std::move(*octets));
    }
    if (ec) out.complaint = told(metadata(), ec);
    return out;
}

result<repository_folder::lock> repository_folder::begin_writing() const
{
    error_code ec;
    std::filesystem::create_directories(folder_, ec);
    if (ec) return ec;
    for (auto const& each : {metadata(), folder_ / "targets"})
        if (auto const made = make_folders(folder_, each); !made) return made.error();
    lock out(owned_fd(::open((folder_ / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)));
    if (!out.fd_.is_open()) return last_error();
    if (::flock(out.fd_.get(), LOCK_EX | LOCK_NB) != 0) return errc::unavailable;
    return out;
}

std::filesystem::path repository_folder::target(std::string const& path, tuf::target_file const& facts) const
{
    return folder_ / "targets" / tuf::remote_target(path, facts, true);
}

std::optional<std::string> repository_folder::complaint_about_target(std::string const& path,
                                                                     tuf::target_file const& facts) const
{
    if (auto const wrong = complaint_about_length(facts.length)) return path + ' ' + *wrong;
    auto const file = target(path, facts);
    auto const right = tuf::check_file(file, facts);
    return right ? std::nullopt : std::optional(told(file, right.error()));
}

result<std::string> repository_folder::read_target(std::string const& path, tuf::target_file const& facts) const
{
    auto octets = read_file(target(path, facts), largest_target);
    if (!octets) return octets;
    bool const right = octets->size() == facts.length && tuf::sha256_hex(*octets) == facts.hashes.sha256;
    if (!right) return errc::rejected;
    return octets;
}

std::optional<std::string> repository_folder::put_target(std::string const& path, tuf::target_file const& facts,
                                                         std::vector<std::filesystem::path> const& brought) const
{
    if (auto const wrong = complaint_about_length(facts.length)) return path + ' ' + *wrong;
    if (!complaint_about_target(path, facts)) return std::nullopt;
    auto const octets = find_octets(facts, brought);
    if (!octets) return path + ": bring the file that it is (--add), with SHA-256 " + facts.hashes.name();
    auto const file = target(path, facts);
    error_code ec;
    if (auto const made = make_folders(folder_, file.parent_path()); !made)
        return told(file.parent_path(), made.error());
    auto growing = tuf::growing_file::open(file.parent_path(), facts);
    if (!growing) return told(file, growing.error());
    auto done = growing->restart();
    if (done) done = growing->append(*octets);
    if (done) done = growing->finish(file);
    if (done) std::filesystem::permissions(file, readable_by_all, ec);
    if (done && ec) done = ec;
    return done ? std::nullopt : std::optional(told(file, done.error()));
}

std::optional<std::string> repository_folder::write(std::vector<file_write> const& writes) const
{
    for (auto const& each : writes) {
        auto const written = write_atomically(metadata() / each.name, each.octets);
        if (!written) return told(metadata() / each.name, written.error());
    }
    return std::nullopt;
}

}  // namespace tp::repository
