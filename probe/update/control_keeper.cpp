#include "probe/update/control_keeper.hpp"

#include <unistd.h>

#include "base/files.hpp"
#include "base/log.hpp"
#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::update {
namespace {

constexpr char const* component = "updates";

}  // namespace

void control_keeper::restore(hashes const& accepted)
{
    for (auto const which : control::all_contents) {
        auto const known = accepted.find(control::name_of(which));
        if (known == accepted.end()) continue;
        auto const file = folder_ / tuf::local_target(control::path_of(which));
        if (auto const used = put_to_use(which, file, known->second); !used)
            log::warning(component, file.string() + " is not used: " + used.error().message());
    }
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
    auto const known = in_force_.find(control::name_of(which));
    if (known != in_force_.end() && known->second == *facts.hashes.sha256) co_return result<void>();
    auto const file = co_await from.fetch(*found, folder_);
    if (!file) co_return file.error();
    co_return put_to_use(which, *file, *facts.hashes.sha256);
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
    auto const known = in_force_.find(control::name_of(which));
    if (known == in_force_.end()) return;
    in_force_.erase(known);
    static_cast<void>(use_(which, std::nullopt));
    ::unlink((folder_ / tuf::local_target(control::path_of(which))).c_str());  // of no meaning any more
    log::info(component, control::path_of(which) + " was taken back");
}

}  // namespace tp::update
