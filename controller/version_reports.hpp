#pragma once

#include <string>

#include "base/ids.hpp"
#include "base/ssh/keys.hpp"
#include "proto/messages.hpp"
#include "store/director.hpp"

namespace tp::controller {

/// A report of what a probe runs, as it is kept.
struct kept_report {
    /// Words for people, then the signed octets and the signature in hexadecimal digits, so that it can be verified at
    /// any later time.
    std::string text;
    store::firmware_state says;
};
/// Errors: errc::malformed when it is not this probe's or says nothing readable; errc::rejected when the probe's key
/// did not sign it.
result<kept_report> kept_version_report(proto::signed_report const& sent, probe_id from, ssh::public_key const& key);

}  // namespace tp::controller
