#pragma once

#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/ssh/keys.hpp"

namespace tp::proto {

/// The octets that both keys sign when a probe changes its key: nothing else that a key signs begins like them, and the
/// nonce binds them to one session.
std::string signed_octets_of_key_change(std::string_view nonce, probe_id probe, ssh::public_key const& from,
                                        ssh::public_key const& to);

}  // namespace tp::proto
