#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "registry/director/catalogue.hpp"
#include "registry/director/listing.hpp"
#include "registry/director/measures.hpp"
#include "registry/director/records.hpp"
#include "registry/director/scribe.hpp"
#include "registry/director/settings.hpp"
#include "store/database.hpp"
#include "store/director.hpp"

namespace tp::registry {

/// Rollouts at work: every second it looks at those that are open, lets registry/rollout decide, and signs what
/// follows. One registry at a time does it, and nothing that it keeps could not be read again.
class director {
public:
    static constexpr std::chrono::milliseconds pause{1'000};
    static constexpr std::chrono::seconds lead{10};  // so long nobody else takes over from one that died
    static constexpr std::chrono::seconds refresh_every{30};
    static constexpr std::size_t batch = 500;  // instructions that are signed and kept at a time
    /// Probes of a lazy rollout, and of one that ended, are looked at less often.
    static constexpr std::chrono::seconds lazy_pause{5}, idle_pause{30};

    /// @param from  the signed repository; must live longer.
    director(store::database& database, director_settings const& chosen, scribe writes, std::string root,
             tuf::transport& from, std::uint64_t seed);

    /// Until cancelled.
    boost::asio::awaitable<void> run();
    /// One look at all open rollouts. Errors: as database.
    boost::asio::awaitable<result<void>> look(wall_time now);

private:
    /// What is remembered of an open rollout from look to look.
    struct memory {
        wall_time next_look;
        std::string wish;
        std::size_t approvals = 0;
        wall_time compared;
        std::optional<measures> seen;  // of its own: what it is held against was measured before it
        std::optional<std::string> drifting;
    };
    /// Which rollout decides what a model is to run.
    using newest_by_model = std::map<std::string, store::rollout_id>;
    struct subject {
        store::rollout_record record;
        rollout::definition what;
        rollout::progress at;
        std::vector<rollout::member> members;
    };

    boost::asio::awaitable<result<void>> look_at(std::vector<store::rollout_record> open, wall_time now);
    boost::asio::awaitable<result<void>> follow_last();
    boost::asio::awaitable<result<void>> carry_on(store::rollout_record record, newest_by_model const& newest,
                                                  wall_time now);
    boost::asio::awaitable<result<void>> look_up(store::rollout_record record, wall_time now);
    boost::asio::awaitable<result<void>> describe(store::rollout_record& record, std::string& wrong, wall_time now);
    boost::asio::awaitable<result<void>> proceed(subject& of, memory& known, wall_time now);
    boost::asio::awaitable<result<void>> enlist(subject const& of);
    boost::asio::awaitable<result<void>> enlist(subject const& of, rollout::target const& wanted, bool begins);
    boost::asio::awaitable<result<void>> read_members(subject& into, wall_time now);
    boost::asio::awaitable<void> compare(subject const& of, memory& known, wall_time now);
    boost::asio::awaitable<result<void>> carry_out(subject& of, rollout::decision made, wall_time now);
    boost::asio::awaitable<result<void>> tell(subject& of, std::vector<std::size_t> members, bool halt, wall_time now);
    boost::asio::awaitable<result<void>> take_place_of_others(store::rollout_record const& one, wall_time now);
    boost::asio::awaitable<result<void>> replace(store::rollout_record other, store::rollout_id by, wall_time now);
    bool is_due(store::rollout_record const& record, wall_time now);

    store::database& database_;
    scribe writes_;
    catalogue repository_;
    listing signed_;
    std::chrono::seconds compare_every_;
    std::string name_;  // ours among the registries
    std::map<store::rollout_id, memory> known_;
    bool follows_last_ = false;  // what it signs is issued after all that was signed before it led
    bool compares_ = true;       // the last comparison did well
    std::optional<wall_time> refreshed_;
    error_code refresh_failed_;
};

}  // namespace tp::registry
