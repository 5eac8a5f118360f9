#include "registry/director/catalogue.hpp"

#include "firmware-signing/lines.hpp"
#include "probe/firmware/signed_offer.hpp"

namespace tp::registry {
namespace {

/// Errors: errc::unsupported when it is no firmware; errc::malformed.
result<rollout::target> firmware_of(tuf::described_target const& found)
{
    auto const offered = firmware::signed_offer(found.path, found.facts);
    if (!offered) return offered.error();
    auto const& says = offered->content;
    auto hash = signing::from_hex(says.sha256, 32);
    if (!hash) return hash.error();
    return rollout::target{says.model, says.target, says.length, std::move(*hash), says.release};
}

}  // namespace

result<std::string> catalogue::memory::load(std::string const& file, std::uint64_t most)
{
    auto const found = files_.find(file);
    if (found == files_.end()) return errc::not_found;
    if (found->second.size() > most) return errc::too_large;
    return found->second;
}

result<void> catalogue::memory::save(std::string const& file, std::string_view octets)
{
    files_[file] = octets;
    return result<void>{};
}

result<void> catalogue::memory::forget(std::string const& file)
{
    files_.erase(file);
    return result<void>{};
}

catalogue::catalogue(std::string root, tuf::transport& from) : client_(kept_, from)
{
    [[maybe_unused]] auto const kept = kept_.save("root.json", root);
}

boost::asio::awaitable<result<void>> catalogue::refresh(wall_time now)
{
    return client_.update(std::chrono::floor<std::chrono::seconds>(now));
}

boost::asio::awaitable<result<rollout::target>> catalogue::find(std::string path)
{
    auto const found = co_await client_.find(std::move(path));
    if (!found) co_return found.error();
    co_return firmware_of(*found);
}

boost::asio::awaitable<result<std::vector<rollout::target>>> catalogue::list()
{
    auto const all = co_await client_.list();
    if (!all) co_return all.error();
    std::vector<rollout::target> out;
    for (auto const& each : *all) {
        auto one = firmware_of(each);
        if (one) out.push_back(std::move(*one));  // what is none, or cannot be read as one, no probe takes
    }
    co_return std::move(out);
}

}  // namespace tp::registry
