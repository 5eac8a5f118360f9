#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/ids.hpp"
#include "base/ssh/keys.hpp"
#include "proto/key_change.hpp"
#include "proto/messages.hpp"

namespace tp::probe::test {

/// The platform, as far as a probe's keys go: what store::offer_key and store::adopt_key do, which are tested for
/// themselves.
class key_platform {
public:
    /// What it remembers.
    struct memory {
        ssh::public_key current;
        std::optional<ssh::public_key> pending;
        unsigned changes = 0;
    };
    static inline probe_id const self = probe_id::from(7).value();

    explicit key_platform(ssh::public_key first) : known_{std::move(first), {}, 0} {}
    explicit key_platform(memory known) : known_(std::move(known)) {}

    bool takes(ssh::public_key const& key)
    {
        if (key == known_.pending) {
            known_.current = key;
            known_.pending.reset();
            ++known_.changes;
        }
        return key == known_.current;
    }
    proto::from_controller answer(proto::to_controller const& message, ssh::public_key const& session)
    {
        using verdict = proto::key_answer::verdict;
        if (std::holds_alternative<proto::key_wish>(message)) return nonce(false);
        auto const& change = std::get<proto::key_change>(message);
        auto const octets = proto::signed_octets_of_key_change(nonce_, self, session, change.key);
        bool const is_signed = session.verifies(octets, change.by_old) && change.key.verifies(octets, change.by_new);
        if (!is_signed) return proto::key_answer{verdict::refused, "not signed by both"};
        if (session != known_.current) return proto::key_answer{verdict::later, "replaced"};
        if (change.key != known_.pending) ++offers_;
        known_.pending = change.key;
        return proto::key_answer{verdict::taken, {}};
    }
    proto::key_nonce nonce(bool wanted)
    {
        nonce_ = std::string(proto::key_nonce::length, static_cast<char>('a' + ++count_ % 26));
        return {nonce_, wanted};
    }

    memory const& known() const noexcept { return known_; }
    ssh::public_key const& current() const noexcept { return known_.current; }
    unsigned changes() const noexcept { return known_.changes; }
    unsigned offers() const noexcept { return offers_; }

private:
    memory known_;
    std::string nonce_;
    unsigned count_ = 0, offers_ = 0;
};

}  // namespace tp::probe::test
