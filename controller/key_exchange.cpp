#include "controller/key_exchange.hpp"

#include <sys/random.h>

#include "proto/key_change.hpp"

namespace tp::controller {

std::optional<proto::key_nonce> key_exchange::offer(std::string random, bool wanted)
{
    if (offered_ == most) return std::nullopt;
    ++offered_;
    if (!nonce_) nonce_ = std::move(random);
    return proto::key_nonce{*nonce_, wanted};
}

std::optional<proto::key_answer> key_exchange::judge(proto::key_change const& change, probe_id of,
                                                     ssh::public_key const& from)
{
    using verdict = proto::key_answer::verdict;
    auto const nonce = std::exchange(nonce_, std::nullopt);
    if (!nonce) return proto::key_answer{verdict::later, "there is no nonce for it, or it was used before"};
    auto const octets = proto::signed_octets_of_key_change(*nonce, of, from, change.key);
    if (!from.verifies(octets, change.by_old))
        return proto::key_answer{verdict::later, "the key of this session did not sign it over the last nonce"};
    if (!change.key.verifies(octets, change.by_new))
        return proto::key_answer{verdict::later, "the new key did not sign it over the last nonce"};
    return std::nullopt;
}

result<std::string> random_nonce()
{
    std::string out(proto::key_nonce::length, '\0');
    if (::getrandom(out.data(), out.size(), 0) != static_cast<ssize_t>(out.size())) return errc::unavailable;
    return out;
}

}  // namespace tp::controller
