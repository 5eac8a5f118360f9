#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "store/database.hpp"

/// Accounts, their API keys, and what a key may do. Only the API's role can read this.
namespace tp::store {

enum class role { host, user, operator_, admin };

/// Names of scopes, as in the Atlas API ("measurements.create_measurement") plus ours ("probes.add", "keys.create",
/// ...). A key holds a list; "*" stands for everything that its account's role may do.
struct credential {
    std::string uuid;  // the key itself is only known to its holder; this is its public name
    account_id account;
    std::string email;
    role account_role{};
    std::vector<std::string> scopes;
};

/// Errors: errc::not_found for a key that is unknown, disabled or outside its validity.
boost::asio::awaitable<result<credential>> find_credential(database& database, std::string key);

struct new_key {
    std::string key;   // a random UUID, shown once: only its SHA-256 is stored
    std::string uuid;  // its public name
};
boost::asio::awaitable<result<new_key>> create_key(database& database, account_id account, std::string label,
                                                   std::vector<std::string> scopes, std::optional<wall_time> valid_to);

struct key_record {
    std::string uuid, label;
    bool enabled = true;
    std::vector<std::string> scopes;
    wall_time created;
    std::optional<wall_time> valid_to;
};
boost::asio::awaitable<result<std::vector<key_record>>> list_keys(database& database, account_id account);
/// By its public name, or by the key itself. Errors: errc::not_found.
boost::asio::awaitable<result<void>> disable_key(database& database, account_id account, std::string uuid);

/// Errors: errc::conflict when the address is taken.
boost::asio::awaitable<result<account_id>> create_account(database& database, std::string email, role role);
/// The first administrator of an installation; the same account if it exists already.
boost::asio::awaitable<result<account_id>> first_administrator(database& database);

}  // namespace tp::store
