#include "probe/update/control_keeper.hpp"

#include <set>

#include "base/files.hpp"
#include "base/log.hpp"
#include "firmware-signing/tuf/folder.hpp"
#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::update {
namespace {

constexpr char const* component = "updates";

}  // namespace

std::filesystem::path control_keeper::file_of(control::content which, std::string const& hash) const
{
    return folder_ / hash / tuf::local_target(control::path_of(which));
}

/// Where programs put it that knew one place for each content.
std::filesystem::path control_keeper::former_file_of(control::content which) const
{
    return folder_ / tuf::local_target(control::path_of(which));
}

void control_keeper::restore(hashes const& accepted)
{
    for (auto const which : control::all_contents) {
        auto const known = accepted.find(control::name_of(which));
        if (known == accepted.end()) continue;
        if (auto const used = restore_one(which, known->second); !used)
            log::warning(component, control::path_of(which) + " is not used: " + used.error().message());
    }
}

result<void> control_keeper::restore_one(control::content which, std::string const& hash)
{
    auto const used = put_to_use(which, file_of(which, hash), hash);
    if (used || used.error() != boost::system::errc::no_such_file_or_directory) return used;
    return put_to_use(which, former_file_of(which), hash);
}

boost::asio::awaitable<result<void>> control_keeper::refresh(tuf::client& from)
{
    result<void> out;
    for (auto const which : control::all_contents) {
        auto const done = co_await refresh_one(from, which);
        if (done) continue;
        log::warning(component, control::path_of(which) + " is left as it was: " + done.error().message());
        if (out) out = done;
    }
    co_return out;
}

boost::asio::awaitable<result<void>> control_keeper::refresh_one(tuf::client& from, control::content which)
{
    auto path = control::path_of(which);
    auto const found = co_await from.find(std::move(path));
    if (!found && found.error() == tuf::refusal::no_such_target) {
        take_back(which);
        co_return result<void>();
    }
    if (!found) co_return found.error();
    auto const& facts = found->facts;
    if (!facts.hashes.sha256) co_return tuf::refusal::unknown_hash;
    if (facts.length > control::largest_content) co_return errc::too_large;
    wanted_[std::string(control::name_of(which))] = *facts.hashes.sha256;
    auto const known = in_force_.find(control::name_of(which));
    if (known != in_force_.end() && known->second == *facts.hashes.sha256) co_return result<void>();
    auto const file = co_await fetch(from, *found);
    if (!file) co_return file.error();
    co_return put_to_use(which, *file, *facts.hashes.sha256);
}

/// Beside what is in force.
boost::asio::awaitable<result<std::filesystem::path>> control_keeper::fetch(tuf::client& from,
                                                                            tuf::described_target what)
{
    auto folder = folder_ / *what.facts.hashes.sha256;
    error_code unmade;
    std::filesystem::create_directory(folder, unmade);
    if (unmade) co_return unmade;
    if (auto const lasts = tuf::flush_folder(folder_); !lasts) co_return lasts.error();
    auto file = co_await from.fetch(std::move(what), std::move(folder));
    co_return std::move(file);
}

result<void> control_keeper::put_to_use(control::content which, std::filesystem::path const& file,
                                        std::string const& hash)
{
    auto const octets = read_file(file, control::largest_content);
    if (!octets) return octets.error();
    if (tuf::sha256_hex(*octets) != hash) return tuf::refusal::wrong_hash;
    if (auto const used = use_(which, *octets); !used) return used;
    in_force_[std::string(control::name_of(which))] = hash;
    log::info(component, control::path_of(which) + " is in force");
    return {};
}

void control_keeper::take_back(control::content which)
{
    wanted_.erase(std::string(control::name_of(which)));
    auto const known = in_force_.find(control::name_of(which));
    if (known == in_force_.end()) return;
    in_force_.erase(known);
    static_cast<void>(use_(which, std::nullopt));
    log::info(component, control::path_of(which) + " was taken back");
}

void control_keeper::tidy() const
{
    std::set<std::string> kept;
    for (auto const& of : {in_force_, wanted_})
        for (auto const& [name, hash] : of) kept.insert(hash);
    for (auto const which : control::all_contents) {
        auto const known = in_force_.find(control::name_of(which));
        std::error_code unknown;
        bool const still_there =
            known != in_force_.end() && !std::filesystem::exists(file_of(which, known->second), unknown);
        if (still_there) kept.insert(former_file_of(which).filename().string());
    }
    std::error_code ec;
    for (std::filesystem::directory_iterator it(folder_, ec), end; !ec && it != end; it.increment(ec)) {
        std::error_code ignored;
        if (!kept.contains(it->path().filename().string())) std::filesystem::remove_all(it->path(), ignored);
    }
}

}  // namespace tp::update
