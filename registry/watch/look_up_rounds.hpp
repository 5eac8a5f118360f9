#pragma once

#include <boost/asio/awaitable.hpp>

#include "registry/watch/settings.hpp"
#include "store/database.hpp"
#include "store/look_ups.hpp"

namespace tp::registry {

/// Asks probes to look a name up, and writes down what their resolvers say. For the registry that leads the rounds;
/// each step may be done twice.
///
/// One measurement for each question stands for good, and probes join it: a new one each period would make a row for
/// each probe and question, which nothing ever removes (10,000 probes: 40,000 rows every 4 hours, against 40,000 once),
/// and have every controller read its probes' jobs anew. In a standing one a probe that has just come would wait up to
/// a period for its moment, so whoever joins is also asked once within the next round, by a measurement of that round.
class look_up_rounds {
public:
    look_up_rounds(store::database& database, watch_settings const& chosen) : database_(database), settings_(chosen) {}

    /// Before a round begins: makes, widens and stops measurements as they have to be.
    boost::asio::awaitable<result<void>> send(wall_time now);
    /// What was answered in a span that is over, and the tags that follow.
    boost::asio::awaitable<result<void>> read(store::time_span span);

private:
    boost::asio::awaitable<result<void>> keep_up(look_up what, std::optional<measurement_id> standing, account_id owner,
                                                 wall_time now);
    boost::asio::awaitable<result<void>> create(store::new_measurement one, std::vector<probe_id> probes);
    boost::asio::awaitable<result<void>> read_one(store::look_up_job asked, store::time_span span);

    store::database& database_;
    watch_settings const& settings_;
};

}  // namespace tp::registry
