#include "api/measurements/selection.hpp"

#include <algorithm>
#include <set>

#include "api/measurements/endpoints.hpp"

namespace tp::api {
namespace {

bool leaves_the_choice(source const& from) noexcept
{
    return from.type != "probes" && from.type != "msm";
}

}  // namespace

void prefer_working(std::vector<source>& sources, std::span<int const> families)
{
    for (auto& each : sources) {
        if (!leaves_the_choice(each)) continue;
        for (int const family : families) {
            each.filter.tags_include.push_back("system-ipv" + std::to_string(family) + "-works");
        }
    }
}

void require_capabilities(std::vector<source>& sources, std::vector<std::string> const& needed)
{
    for (auto& each : sources) {
        if (needed.size() == 1 || leaves_the_choice(each)) each.filter.capabilities = needed;
    }
}

boost::asio::awaitable<result<void>> check_sources(context& shared, caller const& who,
                                                   std::vector<source> const& sources, std::string pointer,
                                                   std::vector<fault>& faults)
{
    for (std::size_t i = 0; i < sources.size(); ++i) {
        auto const& from = sources[i].filter.of_measurement;
        if (!from) continue;
        auto const found = co_await store::find_measurement(shared.database, *from);
        if (!found && found.error() != errc::not_found) co_return found.error();
        if (found && is_visible(*found, who)) continue;
        auto const where = pointer + '/' + std::to_string(i) + "/value";
        faults.push_back({where, "There is no such measurement.", fault::place::body});
    }
    co_return result<void>();
}

boost::asio::awaitable<result<std::vector<probe_id>>> select_probes(context& shared, std::vector<source> sources,
                                                                    std::vector<probe_id> present, std::size_t room)
{
    std::set<probe_id> taken(present.begin(), present.end());
    std::vector<probe_id> out;
    for (auto const& each : sources) {
        // Those taken already may be among what the store picks, so it is asked for as many more.
        auto const count = static_cast<std::uint32_t>(each.requested + taken.size());
        auto const picked = co_await store::pick_probes(shared.database, each.filter, count);
        if (!picked) co_return picked.error();
        std::size_t left = std::min<std::size_t>(each.requested, room - out.size());
        for (auto const probe : *picked) {
            if (left == 0) break;
            if (!taken.insert(probe).second) continue;
            out.push_back(probe);
            --left;
        }
    }
    co_return out;
}

}  // namespace tp::api
