#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "registry/watch/consequences.hpp"
#include "registry/watch/look_up_rounds.hpp"
#include "registry/watch/pings.hpp"
#include "registry/watch/settings.hpp"
#include "registry/watch/watched_fleet.hpp"
#include "store/database.hpp"
#include "store/watching.hpp"

namespace tp::registry {

/// The detectors at work: once a round it reads what was seen of all probes, lets the rules judge, and writes down what
/// follows. One registry at a time does it. What it keeps between rounds is made again from the store by whoever takes
/// over: only that another one did not do a round meanwhile is asked each time.
class watch {
public:
    static constexpr std::chrono::milliseconds shortest_pause{500}, longest_pause{30'000};
    static constexpr std::chrono::seconds shortest_lead{10}, longest_lead{600};
    static constexpr std::size_t most_targets = 1'000;  // measurements that are read ping by ping in a round

    watch(store::database& database, watch_settings chosen, std::uint64_t seed);

    /// Until cancelled.
    boost::asio::awaitable<void> run();
    /// Does the rounds that are over by now and have not been done, of the last window.
    boost::asio::awaitable<result<void>> look(wall_time now);

private:
    struct gathered {
        probe_hours hours;
        std::vector<detect::target_info> targets;
        detect::firmware_catalogue signed_ones;
    };

    std::int64_t last_due(wall_time now) const noexcept;
    store::time_span span_of(std::int64_t round) const noexcept;
    boost::asio::awaitable<result<void>> prepare(std::optional<store::watch_round> last);
    boost::asio::awaitable<result<void>> replay(std::int64_t round);
    boost::asio::awaitable<result<void>> do_round(std::int64_t round);
    boost::asio::awaitable<result<void>> renew();
    boost::asio::awaitable<result<gathered>> gather(std::int64_t round);
    boost::asio::awaitable<result<round_rows>> read_rows(store::time_span span, std::vector<proto::job> jobs);
    boost::asio::awaitable<result<void>> read_pings(store::time_span span, gathered& into);
    boost::asio::awaitable<result<void>> read_canaries(store::time_span span, gathered& into);
    boost::asio::awaitable<result<void>> send_canaries(wall_time now);
    boost::asio::awaitable<result<void>> send_canary(canary_target const& target, account_id owner, wall_time now);
    detect::round_report judge(std::int64_t round, gathered& seen);

    store::database& database_;
    watch_settings settings_;
    look_up_rounds look_ups_{database_, settings_};
    std::mt19937_64 random_;
    std::string name_;  // ours among the registries
    watched_fleet fleet_;
    detect::mass_events events_;
    std::optional<store::watch_round> done_;  // the last that this one knows all of
};

}  // namespace tp::registry
