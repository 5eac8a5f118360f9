#pragma once

#include <string_view>

#include "base/error.hpp"
#include "firmware-signing/tuf/metadata.hpp"

/// When the octets of a file become trusted metadata. Source: the TUF specification 1.0.34, section 5; the order of the
/// checks is its order. Nothing here has state, reads a clock or keeps anything.
namespace tp::tuf {

/// The root to begin with: it need not be fresh, but what it says must be signed as it says.
/// Errors: those of signed_file::read() and read_root(); refusal::too_few_signatures.
result<root> check_first_root(std::string_view octets);

/// The root after the trusted one (5.3.4, 5.3.5). It may have expired (5.3.6).
/// Errors: as above; refusal::not_signed_by_predecessor, wrong_version.
result<root> check_next_root(std::string_view octets, root const& trusted);

/// Errors: refusal::expired (5.3.10).
result<void> check_fresh(statement const& said, sys_seconds now);

/// The most octets to fetch of a file: as many as are stated, or the limit if nothing is.
/// Errors: refusal::too_large when more are stated than the limit allows.
result<std::uint64_t> most_octets(file_facts const& stated, std::uint64_t limit);

/// A file that was stored when it was trusted, against the root that is trusted today: whatever its age, for comparison
/// with newer ones. Errors: refusal::too_few_signatures when the role's keys are others today; those of reading.
result<timestamp> recall_timestamp(std::string_view octets, root const& by);
result<snapshot> recall_snapshot(std::string_view octets, root const& by);

/// A timestamp from the repository (5.4.2 to 5.4.4). Nothing, which is no error, if its version is that of the known
/// one: that one stays. Errors: those of reading; refusal::too_few_signatures, older_than_known, older_snapshot,
/// expired.
/// @param known  the stored one, if any.
result<std::optional<timestamp>> check_timestamp(std::string_view octets, root const& by, timestamp const* known,
                                                 sys_seconds now);

/// A snapshot, from the repository or stored (5.5.2 to 5.5.6). Errors: those of reading; refusal::wrong_length,
/// wrong_hash, unknown_hash, too_few_signatures, wrong_version, older_than_known, older_role, vanished_role, expired.
/// @param stated  what the trusted timestamp says of it.
/// @param known   the stored one, if any.
result<snapshot> check_snapshot(std::string_view octets, root const& by, file_facts const& stated,
                                snapshot const* known, sys_seconds now);

/// Targets metadata of the top level or of a delegated role, from the repository or stored (5.6.2 to 5.6.5). Errors:
/// those of reading; refusal::wrong_length, wrong_hash, unknown_hash, too_few_signatures, wrong_version, expired.
/// @param by      whom the root, or the role that delegates, trusts with it.
/// @param stated  what the trusted snapshot says of it.
result<targets> check_targets(std::string_view octets, signers const& by, file_facts const& stated, sys_seconds now);

}  // namespace tp::tuf
