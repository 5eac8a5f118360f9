#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "base/log_budget.hpp"
#include "base/ssh/channel.hpp"
#include "proto/messages.hpp"
#include "registry/admission.hpp"
#include "registry/fleet_view.hpp"
#include "registry/location.hpp"
#include "registry/placement/choose.hpp"
#include "registry/regions.hpp"
#include "store/database.hpp"
#include "store/enrolment.hpp"

namespace tp::registry {

inline constexpr std::string_view subsystem = "trigpoint-registry";
inline constexpr std::chrono::seconds hello_limit{10};   // from login to the hello
inline constexpr std::chrono::seconds answer_limit{10};  // for the answer to leave
inline constexpr int most_races = 3;                     // for a place, before a probe is told to wait

struct terms {
    std::chrono::seconds lease{std::chrono::hours{24}};
    std::chrono::seconds ask_again{std::chrono::hours{6}};
    std::chrono::seconds wait{10};  // when there is no place now; jittered up to twice of it
    bool approve_by_hand = false;   // a new probe waits until an operator releases it
    regions areas;
};

/// The registry's side of first contact: one hello, one answer, and the end. Every refusal says why in words.
class desk {
public:
    desk(store::database& database, location_files const& places, terms terms, admission::limits limits,
         std::uint64_t seed)
        : database_(database),
          fleet_(database),
          places_(places),
          terms_(std::move(terms)),
          admission_(limits),
          random_(seed)
    {
    }

    /// Serves one session to its end.
    boost::asio::awaitable<void> serve(std::shared_ptr<ssh::channel> channel);

private:
    struct visitor {
        ssh::public_key key;
        ip_address address;
        proto::registry_hello hello;
    };

    boost::asio::awaitable<proto::from_registry> reply_to(std::string frame, ssh::public_key key, ip_address address);
    boost::asio::awaitable<proto::from_registry> answer(visitor guest);
    boost::asio::awaitable<proto::from_registry> enrol(visitor guest, unsigned version);
    boost::asio::awaitable<proto::from_registry> receive(visitor guest, store::known_probe known, unsigned version);
    boost::asio::awaitable<proto::from_registry> admit(visitor guest, probe_id probe, unsigned version);
    boost::asio::awaitable<proto::from_registry> settle(visitor guest, probe_id probe, unsigned version);
    boost::asio::awaitable<result<void>> record(visitor const& guest, probe_id probe);
    boost::asio::awaitable<proto::from_registry> place(probe_id probe, unsigned version);
    /// Errors: errc::conflict when the place that was chosen is gone.
    boost::asio::awaitable<result<proto::from_registry>> place(seeker const& who, unsigned version);
    proto::wait not_now(std::string reason);
    proto::wait later(std::chrono::seconds length, std::string reason);

    store::database& database_;
    fleet_view fleet_;
    location_files const& places_;
    terms terms_;
    admission admission_;
    log_budget refusals_{{}};
    std::mt19937_64 random_;
};

}  // namespace tp::registry
