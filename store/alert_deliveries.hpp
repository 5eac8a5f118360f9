#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "store/database.hpp"
#include "store/watching.hpp"

/// Alerts on their way to those who want to hear of them. An alert waits here until it was taken, or given up: at least
/// once, also after a restart. As the newest 10,000 alerts are kept, no more than these wait for a receiver.
namespace tp::store {

struct due_alert {
    alert_record what;
    std::uint32_t attempts = 0;  // that failed
};

/// What this receiver is to be told now, the oldest first. One that is new here hears what comes from now on.
boost::asio::awaitable<result<std::vector<due_alert>>> due_alerts(database& database, std::string receiver,
                                                                  std::uint32_t most);

struct delivery_outcome {
    enum class kind { taken, later, given_up };
    kind is = kind::taken;
    std::string error;                   // unless it was taken
    std::chrono::milliseconds pause{0};  // later: until the next attempt
};
boost::asio::awaitable<result<void>> note_delivery(database& database, std::int64_t alert, std::string receiver,
                                                   delivery_outcome outcome);

struct delivery_record {
    std::string receiver;
    std::uint32_t attempts = 0;
    std::optional<wall_time> delivered, given_up;
    std::string last_error;
};
struct told_alert {
    alert_record what;
    std::vector<delivery_record> deliveries;
};
struct alert_page {
    std::uint64_t count = 0;
    std::vector<told_alert> rows;
};
/// The newest first.
boost::asio::awaitable<result<alert_page>> list_told_alerts(database& database, std::uint32_t offset,
                                                            std::uint32_t limit);

}  // namespace tp::store
