#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <random>
#include <string>

#include "registry/alerts/settings.hpp"
#include "store/alert_deliveries.hpp"
#include "store/database.hpp"

namespace tp::registry {

/// Brings alerts to one receiver, one after the other, until each was taken. One that it refuses waits for its next
/// attempt, and holds up no other. One registry at a time does it.
class courier {
public:
    static constexpr std::chrono::milliseconds pause{2'000};
    static constexpr std::chrono::seconds lead{60};
    static constexpr std::uint32_t in_a_round = 32;  // alerts

    /// Reads the secret and the certificates. Errors: errc::rejected for a secret that others may read;
    /// errc::out_of_range for one that is too short; those of files and of OpenSSL.
    static result<std::unique_ptr<courier>> open(store::database& database, alert_receiver to, std::uint64_t seed);

    /// Until cancelled.
    boost::asio::awaitable<void> run();
    /// Tries what is due. Answers how many were taken. Errors: those of the store.
    boost::asio::awaitable<result<std::size_t>> round();

private:
    courier(store::database& database, alert_receiver to, std::string secret,
            std::shared_ptr<boost::asio::ssl::context> tls, std::uint64_t seed);
    enum class attempt { taken, refused, unreached };
    boost::asio::awaitable<result<attempt>> bring(store::due_alert one);

    store::database& database_;
    alert_receiver to_;
    std::string secret_;
    std::shared_ptr<boost::asio::ssl::context> tls_;
    std::mt19937_64 random_;
    std::string name_;  // ours among the registries
    bool reached_ = true;
};

}  // namespace tp::registry
