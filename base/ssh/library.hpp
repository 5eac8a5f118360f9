#pragma once

// Only for the files of this folder: the one place that includes libssh's headers.
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>

#include "base/handle.hpp"

namespace tp::ssh {

using link_handle = handle<ssh_session_struct, ssh_free>;
using event_handle = handle<ssh_event_struct, ssh_event_free>;
using bind_handle = handle<ssh_bind_struct, ssh_bind_free>;
using key_handle = handle<ssh_key_struct, ssh_key_free>;
using c_text = handle<char, ssh_string_free_char>;

namespace algorithms {
inline constexpr char const* key_exchange = "curve25519-sha256,curve25519-sha256@libssh.org";
inline constexpr char const* keys = "ssh-ed25519";
// The last two are for people with a stock client.
inline constexpr char const* ciphers =
    "aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-ctr";
// Negotiated even where the cipher authenticates by itself.
inline constexpr char const* macs = "hmac-sha2-256-etm@openssh.com,hmac-sha2-256";
}  // namespace algorithms

}  // namespace tp::ssh
