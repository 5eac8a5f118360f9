#include "registry/conversation.hpp"

#include <optional>
#include <variant>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "proto/codec.hpp"
#include "proto/strangers.hpp"
#include "store/fleet.hpp"

namespace tp::registry {
namespace {

constexpr std::string_view store_is_away = "the registry cannot reach its database";

/// The answer to a peer from whom no frame could be read, or nothing when it is not there any more.
std::optional<proto::from_registry> unreadable(error_code why)
{
    if (why == errc::timed_out) {
        return admission::malformed("no hello came within " + std::to_string(hello_limit.count()) + " s");
    }
    if (why == errc::too_large) {
        return admission::malformed("a frame longer than " + std::to_string(proto::largest_frame) +
                                    " octets; a frame is a length of 32 bits, big endian, and so many octets");
    }
    return std::nullopt;
}

proto::refuse undecodable(error_code why)
{
    if (why == errc::unsupported) return admission::malformed("a message of a kind that this registry does not know");
    return admission::malformed("the frame holds no valid message of trigpoint.v1 (" + why.message() + ")");
}

std::vector<proto::controller_place> places_of(std::vector<store::controller_record> const& controllers,
                                               std::vector<std::size_t> const& ranked)
{
    std::vector<proto::controller_place> out;
    for (auto const i : ranked)
        out.push_back({controllers[i].name, controllers[i].addresses, {controllers[i].host_key}});
    return out;
}

}  // namespace

boost::asio::awaitable<void> desk::serve(std::shared_ptr<ssh::channel> channel)
{
    auto frame = co_await within(hello_limit, channel->read());
    std::optional<proto::from_registry> reply;
    if (frame)
        reply = co_await reply_to(std::move(*frame), channel->peer(), channel->address());
    else
        reply = unreadable(frame.error());
    if (reply) {
        if (auto const* refused = std::get_if<proto::refuse>(&*reply))
            log_refusal("registry", refusals_, channel->address(), refused->reason);
        if (!proto::is_for_strangers(*reply)) channel->vouch();
        co_await within(answer_limit, channel->write(proto::encode(*reply)));
    }
    channel->close();
}

boost::asio::awaitable<proto::from_registry> desk::reply_to(std::string frame, ssh::public_key key, ip_address address)
{
    auto message = proto::decode_to_registry(frame);
    if (!message) co_return undecodable(message.error());
    visitor guest{std::move(key), address, std::get<proto::registry_hello>(std::move(*message))};
    co_return co_await answer(std::move(guest));
}

boost::asio::awaitable<proto::from_registry> desk::answer(visitor guest)
{
    auto const version = proto::agree(proto::our_versions, guest.hello.versions);
    if (!version) co_return admission::version(guest.hello.versions);

    auto const known = co_await store::find_probe(database_, guest.key);
    if (known) co_return co_await receive(std::move(guest), *known, *version);
    if (known.error() != errc::not_found) co_return not_now(std::string(store_is_away));
    co_return co_await enrol(std::move(guest), *version);
}

boost::asio::awaitable<proto::from_registry> desk::receive(visitor guest, store::known_probe known, unsigned version)
{
    auto const what = reception_of(known.state, terms_.approve_by_hand);
    if (known.key == store::key_standing::replaced) co_return admission::replaced_key();
    if (known.frozen) co_return later(admission::frozen_wait, "the batch of this device is frozen");
    if (known.key == store::key_standing::pending && what == reception::place) {
        auto const adopted = co_await store::adopt_key(database_, guest.key);
        if (!adopted && adopted.error() == errc::conflict) co_return admission::replaced_key();
        if (!adopted) co_return not_now(std::string(store_is_away));
        log::info("registry", "probe " + known.id.text() + " has the new key " + guest.key.fingerprint());
    }
    switch (what) {
        case reception::place:
            co_return co_await settle(std::move(guest), known.id, version);
        case reception::admit:
            co_return co_await admit(std::move(guest), known.id, version);
        case reception::wait_for_operator:
            co_return later(admission::approval_wait, "an operator has to admit this probe first");
        case reception::claim_first:
            if (guest.hello.claim_code.empty()) co_return admission::unclaimed();
            co_return co_await enrol(std::move(guest), version);
        case reception::turn_away:
            break;
    }
    co_return admission::turned_away(known.state);
}

boost::asio::awaitable<proto::from_registry> desk::admit(visitor guest, probe_id probe, unsigned version)
{
    auto const changed = co_await store::change_trust(database_, probe, store::trust_event::admitted,
                                                      "it proved its key at the registry");
    if (!changed) co_return not_now(std::string(store_is_away));
    // Whoever was quicker may have led it elsewhere: then it is asked what that means.
    if (!may_connect(changed->to)) co_return admission::turned_away(changed->to);
    co_return co_await settle(std::move(guest), probe, version);
}

boost::asio::awaitable<proto::from_registry> desk::enrol(visitor guest, unsigned version)
{
    auto const now = std::chrono::steady_clock::now();
    if (guest.hello.claim_code.empty()) {
        co_return admission_.unknown_key(guest.address, guest.key.fingerprint(), now);
    }
    if (auto refused = admission_.may_claim(guest.address, now)) co_return std::move(*refused);

    auto const claimed = co_await store::claim_probe(database_, guest.hello.claim_code, guest.key);
    if (!claimed && claimed.error() == errc::rejected) co_return admission::bad_claim_code();
    if (!claimed) co_return not_now(std::string(store_is_away));
    log::info("registry", "probe " + claimed->text() + " claimed with key " + guest.key.fingerprint());
    auto const known = co_await store::find_probe(database_, guest.key);
    if (!known) co_return not_now(std::string(store_is_away));
    co_return co_await receive(std::move(guest), *known, version);
}

boost::asio::awaitable<proto::from_registry> desk::settle(visitor guest, probe_id probe, unsigned version)
{
    auto const recorded = co_await record(guest, probe);
    if (!recorded) co_return not_now(std::string(store_is_away));
    co_return co_await place(probe, version);
}

boost::asio::awaitable<result<void>> desk::record(visitor const& guest, probe_id probe)
{
    auto const& hello = guest.hello;
    store::registration registration{.probe = probe,
                                     .boot_count = hello.boot_count,
                                     .software = hello.runs.version,
                                     .capabilities = hello.runs.capabilities,
                                     .seen_from = guest.address,
                                     .local_v4 = hello.local_v4,
                                     .local_v6 = hello.local_v6};
    auto const recorded = co_await store::record_registration(database_, std::move(registration));
    if (!recorded) co_return recorded.error();
    auto location = places_.locate(guest.address, hello.local_v4, hello.local_v6);
    co_return co_await store::record_location(database_, probe, std::move(location));
}

boost::asio::awaitable<proto::from_registry> desk::place(probe_id probe, unsigned version)
{
    auto present = co_await store::probe_to_place(database_, probe);
    if (!present) co_return not_now(std::string(store_is_away));
    seeker const who{probe, terms_.areas.of(present->country), present->present, std::move(present->distances)};
    for (int tries = 0; tries < most_races; ++tries) {
        auto answer = co_await place(who, version);
        if (answer) co_return std::move(*answer);
        fleet_.forget();
    }
    co_return not_now("others were quicker to take what places there are");
}

boost::asio::awaitable<result<proto::from_registry>> desk::place(seeker const& who, unsigned version)
{
    auto const controllers = co_await fleet_.controllers();
    if (!controllers) co_return not_now(std::string(store_is_away));
    auto const chosen = choose(*controllers, who);
    if (chosen.ranked.empty()) co_return not_now(chosen.none_because);

    std::vector<controller_id> ranked;
    for (auto const i : chosen.ranked) ranked.push_back((*controllers)[i].id);
    auto const free = vacancy_on((*controllers)[chosen.ranked.front()]);
    auto const placed = co_await store::place_probe(database_, who.probe, ranked, terms_.lease, free);
    if (!placed && placed.error() == errc::conflict) co_return placed.error();
    if (!placed) co_return not_now(std::string(store_is_away));
    auto const before = who.present.empty() ? std::nullopt : std::optional(who.present.front());
    fleet_.note_placed(before, ranked.front());
    co_return proto::assignment{.version = version,
                                .probe = who.probe,
                                .controllers = places_of(*controllers, chosen.ranked),
                                .lease = terms_.lease,
                                .ask_again_after = terms_.ask_again};
}

proto::wait desk::not_now(std::string reason)
{
    return later(terms_.wait, std::move(reason));
}

proto::wait desk::later(std::chrono::seconds length, std::string reason)
{
    auto const random = std::uniform_real_distribution<double>(0, 1)(random_);
    return {jittered(length, random), std::move(reason)};
}

}  // namespace tp::registry
