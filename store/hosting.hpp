#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "store/database.hpp"

/// What hosts agree to, hand over and lose.
namespace tp::store {

/// Of a probe's page, for its host and for operators.
struct hosting_record {
    struct trouble {
        std::string text;
        wall_time since;
    };
    struct consent {
        std::string version;
        wall_time at;
    };
    struct device {
        std::string serial, model, revision, batch;
        std::string frozen;  // "", "unclaimed", "all"
        std::string frozen_because;
    };
    std::optional<trouble> storage;          // what the probe says about its failing disk
    std::optional<consent> accepted;         // by its present host, the last time
    std::optional<wall_time> offered_until;  // to another host
    std::optional<device> made;              // on a factory list
};
/// Errors: errc::not_found.
boost::asio::awaitable<result<hosting_record>> hosting_of(database& database, probe_id probe);

/// By the probe's host: this version of the text for hosts is accepted. Errors: errc::not_found, also for another's
/// probe.
boost::asio::awaitable<result<void>> accept_consent(database& database, probe_id probe, account_id host,
                                                    std::string version);

/// What a probe says about its disk; none: it gave no trouble for a while.
boost::asio::awaitable<result<void>> note_storage(database& database, probe_id probe,
                                                  std::optional<std::string> trouble);

enum class offer_outcome { offered, forbidden, not_possible };
struct probe_offer {
    offer_outcome what{};
    std::string code;  // that whoever takes the probe has to know
};
/// By its host. A newer offer replaces the one before. Errors: errc::not_found.
boost::asio::awaitable<result<probe_offer>> offer_probe(database& database, probe_id probe, account_id host,
                                                        std::chrono::seconds lifetime);
/// Errors: errc::not_found, when nothing was offered by this host.
boost::asio::awaitable<result<void>> withdraw_probe(database& database, probe_id probe, account_id host);

/// What became of a code that somebody entered.
enum class code_outcome { good, rejected, too_many, own, frozen };
struct code_answer {
    code_outcome what{};
    std::optional<probe_id> probe;  // good: its number
};
/// Takes a probe that its host offered; its measurements, results and log stay.
boost::asio::awaitable<result<code_answer>> accept_probe(database& database, std::string code, account_id by,
                                                         std::optional<std::string> consent);

/// Probes that are gone, by what was known last: trusted ones that were not heard for so long, and those written off.
struct lost_probes {
    std::string reason;
    std::uint32_t silent = 0, written_off = 0;
};
/// The most frequent reason first.
boost::asio::awaitable<result<std::vector<lost_probes>>> count_lost_probes(database& database,
                                                                           std::chrono::seconds silent_for);

}  // namespace tp::store
