#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/ssh/keys.hpp"
#include "base/time.hpp"
#include "store/database.hpp"
#include "store/hosting.hpp"

/// Devices that were made and tested, as signed lists say. Their signatures are the caller's to judge.
namespace tp::store {

struct factory_device {
    std::string serial;
    ssh::public_key key;
    std::string model, revision;
    std::string code_hash;  // SHA-256 of the code on its label, 64 hexadecimal digits
};
struct factory_list {
    std::string batch;
    std::uint64_t version = 0;
    std::string octets;  // as it was signed
    std::vector<factory_device> devices;
};
struct import_outcome {
    std::string wrong;        // empty: it is imported
    std::uint32_t added = 0;  // devices that were not known
};
/// Its devices become probes that wait for their hosts. A later version of a batch may add some, and changes none.
/// Errors: errc::rejected, for an account that is no operator's; errc::conflict for a version that is not above the
/// known.
boost::asio::awaitable<result<import_outcome>> import_factory_list(database& database, factory_list list,
                                                                   account_id by);

struct factory_batch {
    std::string name;
    std::uint64_t version = 0;
    wall_time imported;
    std::uint32_t devices = 0, claimed = 0;
    std::string frozen, frozen_because;  // frozen: "", "unclaimed" or "all"
};
boost::asio::awaitable<result<std::vector<factory_batch>>> list_factory_batches(database& database);

enum class batch_state { thawed, unclaimed_frozen, all_frozen };
/// Nobody claims devices of a frozen batch; if all are frozen, those that were claimed lose their sessions, too.
/// Errors: errc::not_found.
boost::asio::awaitable<result<void>> freeze_batch(database& database, std::string name, batch_state to,
                                                  std::string reason);

/// A host enters the code of a device's label.
boost::asio::awaitable<result<code_answer>> claim_device(database& database, std::string code, account_id by,
                                                         std::optional<std::string> consent);

}  // namespace tp::store
