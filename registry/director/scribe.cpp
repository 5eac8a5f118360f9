#include "registry/director/scribe.hpp"

#include <openssl/rand.h>

#include <algorithm>

#include "firmware-signing/lines.hpp"
#include "proto/messages.hpp"

namespace tp::registry {
namespace {

/// As the store keeps it: it is compared with what a session was handed.
wall_time in_microseconds(wall_time at) noexcept
{
    return std::chrono::floor<std::chrono::microseconds>(at);
}

result<std::string> some_nonce()
{
    std::string out(proto::instruction::nonce_length, '\0');
    if (::RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) != 1)
        return errc::unavailable;
    return out;
}

std::string octets_of(signing::public_key const& key)
{
    auto const text = key.text();
    return signing::from_hex(text.substr(text.find(':') + 1), signing::public_key::size).value();
}

void note(rollout::member& one, rollout::stage is, proto::instruction const& sent, wall_time now)
{
    one.is = is;
    one.since = now;
    one.nonce = sent.nonce;
    one.expires = sent.expires;
    one.cause.clear();
}

}  // namespace

scribe::scribe(signing::private_key key) : key_(std::move(key)), shared_(octets_of(key_.shared()))
{
}

result<proto::instruction> scribe::begin(rollout::member const& one, store::rollout_id of, wall_time now)
{
    auto nonce = some_nonce();
    if (!nonce) return nonce.error();
    last_ = std::max(in_microseconds(now), last_ + std::chrono::microseconds(1));
    return proto::instruction{.probe = one.probe,
                              .nonce = std::move(*nonce),
                              .issued = last_,
                              .expires = in_microseconds(now + good_for),
                              .rollout = of.value(),
                              .install = {}};
}

result<store::kept_instruction> scribe::sign(proto::instruction const& what) const
{
    auto octets = proto::encode(what);
    if (octets.size() > proto::signed_instruction::largest || !proto::decode_instruction(octets))
        return errc::malformed;
    auto signature = key_.sign(proto::signed_octets_of_instruction(octets));
    if (!signature) return signature.error();
    return store::kept_instruction{what.probe, std::move(octets), shared_, std::move(signature->octets), what.issued};
}

result<store::kept_instruction> scribe::instruct(rollout::member& one, rollout::target const& wanted,
                                                 rollout::definition const& what, store::rollout_id of, wall_time now)
{
    auto says = begin(one, of, now);
    if (!says) return says.error();
    says->expires = in_microseconds(now + what.deadline + good_for);
    bool const forced = what.how == rollout::mode::forced;
    says->install =
        proto::instruction::wanted{.how = forced ? proto::instruction::mode::forced : proto::instruction::mode::lazy,
                                   .model = wanted.model,
                                   .target = wanted.path,
                                   .length = wanted.length,
                                   .sha256 = wanted.sha256,
                                   .release = wanted.release,
                                   .not_before = in_microseconds(now),
                                   .deadline = in_microseconds(now + what.deadline)};
    auto out = sign(*says);
    if (out) note(one, rollout::stage::sent, *says, now);
    return out;
}

result<store::kept_instruction> scribe::withdraw(rollout::member& one, store::rollout_id of, wall_time now)
{
    auto says = begin(one, of, now);
    if (!says) return says.error();
    // No sooner than what it takes back, which would be good again.
    says->expires = std::max(says->expires, one.expires);
    auto out = sign(*says);
    // The nonce stays that of what it was told: by this it says what came of it.
    if (out) rollout::take_back(one, now);
    return out;
}

}  // namespace tp::registry
