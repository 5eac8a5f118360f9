#pragma once

#include "base/error.hpp"

namespace tp::tuf {

/// Why metadata or a target is not believed. Each check has its own, so that a test can say which one refused.
enum class refusal {
    // Reading: no signature has been looked at yet.
    malformed =
        1,      // no JSON of the kind that can be signed, or not the form that the role has; 0 would read as success
    too_large,  // more octets or values than a limit allows
    too_deep,   // more arrays and objects inside one another than json::deepest
    repeated_member,  // an object names a member twice
    repeated_signer,  // two signatures with one key id
    // What signed content says about itself.
    wrong_type,       // `_type` is another role's
    wrong_spec,       // `spec_version` is not 1.x
    wrong_key_id,     // a key's id is not the hash of the key
    repeated_key_id,  // a role lists a key id twice
    reserved_name,    // a delegated role has no name, or that of a role of the root
    repeated_name,    // two delegations to one role in one file
    // Trust.
    no_trusted_root,            // nothing to begin with
    too_few_signatures,         // fewer keys of the role signed than its threshold asks for
    not_signed_by_predecessor,  // a new root that the trusted one's keys did not sign
    wrong_version,              // another version than was asked for
    older_than_known,           // a lower version than the trusted one's
    older_snapshot,             // a timestamp names a lower version of the snapshot than the trusted timestamp does
    older_role,                 // a snapshot lists a lower version of a role than the trusted snapshot does
    vanished_role,              // a snapshot no longer lists a role that the trusted snapshot does
    unlisted_role,              // the snapshot does not list the role
    expired,                    // its time is over: somebody may be holding newer files back
    // Octets against what signed metadata states.
    wrong_length,
    wrong_hash,
    unknown_hash,  // hashes by algorithms that are not known here cannot be checked
    // Searching and fetching.
    no_such_target,  // no role that is trusted with the name describes it
    too_many_roles,  // the search has visited as many roles as it may
    too_slow,        // fewer octets in the time than limits::slowest asks for
};

error_code make_error_code(refusal code) noexcept;

}  // namespace tp::tuf

template <>
struct boost::system::is_error_code_enum<tp::tuf::refusal> : std::true_type {
};
