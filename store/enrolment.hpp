#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/ip_prefix.hpp"
#include "base/ssh/keys.hpp"
#include "base/time.hpp"
#include "store/database.hpp"
#include "store/probe_keys.hpp"
#include "store/trust.hpp"

/// How probes become known. Used by the registry and the API.
namespace tp::store {

struct known_probe {
    probe_id id;
    trust_state state{};
    std::uint32_t boot_count = 0;  // the highest that it reported
    key_standing key{};            // that which it was found by
    bool frozen = false;           // with its whole batch
};

/// By any key that it has or had. Errors: errc::not_found for a key that nobody announced.
boost::asio::awaitable<result<known_probe>> find_probe(database& database, ssh::public_key key);

/// Uses up a claim code: the key becomes a pending probe of the account that made the code. A key of a factory list
/// becomes that account's; the same key with the same code gets the same answer again.
/// Errors: errc::rejected for a code that is unknown, used by another key or expired.
boost::asio::awaitable<result<probe_id>> claim_probe(database& database, std::string code, ssh::public_key key);

/// A key pasted by its host: a pending probe. Errors: errc::conflict when the key is known already.
boost::asio::awaitable<result<probe_id>> add_probe(database& database, ssh::public_key key, account_id owner,
                                                   std::string description);
/// The same by a host who accepted this version of the text for hosts.
boost::asio::awaitable<result<probe_id>> add_probe(database& database, ssh::public_key key, account_id owner,
                                                   std::string description, std::optional<std::string> consent);

/// A new claim code ("7KQ2-...", 80 random bits); only its hash is stored.
boost::asio::awaitable<result<std::string>> make_claim_code(database& database, account_id owner,
                                                            std::chrono::seconds lifetime);
/// The same by a host who accepted this version of the text for hosts: it is recorded for the probe that uses the code.
boost::asio::awaitable<result<std::string>> make_claim_code(database& database, account_id owner,
                                                            std::chrono::seconds lifetime,
                                                            std::optional<std::string> consent);

/// The octets by which a code is stored, however a person typed it.
std::string hash_of_code(std::string_view code);

/// What the registry learned from a hello. ASN, prefix and country come from the registry's MaxMind databases.
struct registration {
    probe_id probe;
    std::uint32_t boot_count = 0;
    std::string software;
    std::vector<std::string> capabilities;
    ip_address seen_from;
    std::optional<ip_address> local_v4, local_v6;
};
boost::asio::awaitable<result<void>> record_registration(database& database, registration registration);

/// Where an address lies. Empty values keep what is stored.
struct location {
    std::optional<std::uint32_t> asn_v4, asn_v6;
    std::optional<ip_prefix> prefix_v4, prefix_v6;
    std::string country;  // ISO 3166 alpha-2, or empty
    bool empty() const noexcept { return !asn_v4 && !asn_v6 && !prefix_v4 && !prefix_v6 && country.empty(); }
};
boost::asio::awaitable<result<void>> record_location(database& database, probe_id probe, location location);

}  // namespace tp::store
