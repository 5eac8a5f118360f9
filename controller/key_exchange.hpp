#pragma once

#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/ssh/keys.hpp"
#include "proto/messages.hpp"

namespace tp::controller {

/// The controller's part of a change of a probe's key, in one session. Decides only.
class key_exchange {
public:
    static constexpr unsigned most = 64;  // nonces in one session

    /// A nonce, of octets that nobody can guess; the one before it again while that was not used, for the platform's
    /// wish and the probe's own may cross. None: there were too many.
    std::optional<proto::key_nonce> offer(std::string random, bool wanted);

    /// Uses the nonce up. Nothing: both keys signed the change over it. Else what the probe is told.
    std::optional<proto::key_answer> judge(proto::key_change const& change, probe_id of, ssh::public_key const& from);

    /// True, once: the probe is to be asked for a new key.
    bool ask() noexcept { return !std::exchange(was_asked_, true); }

private:
    std::optional<std::string> nonce_;
    unsigned offered_ = 0;
    bool was_asked_ = false;
};

/// proto::key_nonce::length octets that nobody can guess. Errors: errc::unavailable.
result<std::string> random_nonce();

}  // namespace tp::controller
