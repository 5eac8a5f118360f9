#include "proto/key_change.hpp"

namespace tp::proto {

std::string signed_octets_of_key_change(std::string_view nonce, probe_id probe, ssh::public_key const& from,
                                        ssh::public_key const& to)
{
    // Keys have one length, digits end at the line: no two changes are the same octets.
    std::string out("trigpoint key change 1\n");
    out.append(probe.text()).append("\n").append(from.base64()).append("\n").append(to.base64()).append("\n");
    return out.append(nonce);
}

}  // namespace tp::proto
