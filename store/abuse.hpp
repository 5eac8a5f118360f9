#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "store/database.hpp"

/// Who asked to be left alone, who proved to be the target's holder, and what operators decided. What is blocked is
/// measured by nobody: its jobs are withdrawn, and no measurement towards it can be made.
namespace tp::store {

using abuse_case_id = strong_id<struct abuse_case_kind>;

enum class abuse_proof { http, dns };
enum class abuse_decision { keep_blocked, reopen };
std::string_view name_of(abuse_proof how) noexcept;
std::string_view name_of(abuse_decision what) noexcept;

struct new_abuse_case {
    std::optional<ip_prefix> prefix;  // this, or
    std::string name;                 // a host name in lower case
    std::string contact, complaint;
    ip_address source;
};

struct abuse_record {
    abuse_case_id id;
    new_abuse_case says;
    std::string token;  // by which its holder proves to be that: only whoever opened the case is told
    wall_time at;
    std::optional<wall_time> proved;
    std::optional<abuse_proof> proved_by;
    std::optional<abuse_decision> decision;
    std::optional<wall_time> decided;
    std::string reason;        // of the decision
    bool blocks = false;       // now
    std::uint32_t paused = 0;  // running measurements that are towards it
};

/// Unproven cases that nobody decided. Beyond so many none is taken: then somebody floods, or nobody looks.
inline constexpr std::uint32_t most_open_claims = 10'000;

struct opened_abuse_case {
    abuse_case_id id;
    std::string token;
};
/// Errors: errc::unavailable beyond most_open_claims.
boost::asio::awaitable<result<opened_abuse_case>> open_abuse_case(database& database, new_abuse_case claimed);

/// Errors: errc::not_found.
boost::asio::awaitable<result<abuse_record>> find_abuse_case(database& database, abuse_case_id id);

struct abuse_page {
    std::uint64_t count = 0;
    std::vector<abuse_record> rows;
};
/// The newest first.
/// @param undecided  only those about which no operator has decided.
boost::asio::awaitable<result<abuse_page>> list_abuse_cases(database& database, bool undecided, std::uint32_t offset,
                                                            std::uint32_t limit);

/// The claimant holds the target. Blocks it, unless an operator has decided before; announces it, and raises an alert.
/// Proved a second time nothing happens. Errors: errc::not_found.
boost::asio::awaitable<result<void>> prove_abuse_case(database& database, abuse_case_id id, abuse_proof how);

/// An operator's word, which may change. Errors: errc::not_found.
boost::asio::awaitable<result<void>> decide_abuse_case(database& database, abuse_case_id id, abuse_decision what,
                                                       account_id by, std::string reason);

/// All address blocks that are to be left alone, for the probes.
struct block_list {
    std::uint64_t version = 0;  // 0: there never was a block
    std::vector<ip_prefix> prefixes;
};
boost::asio::awaitable<result<block_list>> blocked_prefixes(database& database);

}  // namespace tp::store
