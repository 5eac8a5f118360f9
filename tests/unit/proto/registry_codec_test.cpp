#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/proto/samples.hpp"

namespace tp::proto {
namespace {

using namespace samples;

template <class Body>
Body read_back(from_registry const& message)
{
    return std::get<Body>(decode_from_registry(encode(message)).value());
}

TEST(registry_codec, brings_back_a_hello)
{
    auto const sent = some_registry_hello();
    auto const read = std::get<registry_hello>(decode_to_registry(encode(to_registry(sent))).value());
    EXPECT_EQ(read.versions, sent.versions);
    EXPECT_EQ(read.runs.version, sent.runs.version);
    EXPECT_EQ(read.runs.capabilities, sent.runs.capabilities);
    EXPECT_EQ(read.boot_count, sent.boot_count);
    EXPECT_EQ(read.claim_code, sent.claim_code);
    EXPECT_EQ(read.clock, sent.clock);
    EXPECT_EQ(read.local_v4, sent.local_v4);
    EXPECT_EQ(read.local_v6, sent.local_v6);
}

TEST(registry_codec, brings_back_an_assignment)
{
    auto const sent = some_assignment();
    auto const read = read_back<assignment>(sent);
    EXPECT_EQ(read.version, sent.version);
    EXPECT_EQ(read.probe, sent.probe);
    EXPECT_EQ(read.lease, sent.lease);
    EXPECT_EQ(read.ask_again_after, sent.ask_again_after);
    ASSERT_EQ(read.controllers.size(), 2U);
    EXPECT_EQ(read.controllers[0].name, "c1");
    EXPECT_EQ(read.controllers[0].addresses, sent.controllers[0].addresses);
    EXPECT_EQ(read.controllers[0].host_keys, sent.controllers[0].host_keys);
}

TEST(registry_codec, brings_back_a_wait_and_every_refusal)
{
    EXPECT_EQ(read_back<wait>(wait{.length = 30s, .reason = "busy"}).length, 30s);
    using enum refusal;
    for (auto const code : {unknown_key, revoked, bad_claim_code, refusal::version, malformed, not_placed_here,
                            too_many_attempts, replaced}) {
        auto const read = read_back<refuse>(refuse{.code = code, .reason = "because", .retry_after = 60s});
        EXPECT_EQ(read.code, code);
        EXPECT_EQ(read.reason, "because");
        EXPECT_EQ(read.retry_after, 60s);
    }
}

TEST(registry_codec, takes_a_later_refusal_for_one_that_asks_again)
{
    auto message = wire<v1::FromRegistry>(encode(from_registry(refuse{refusal::revoked, "the moon is full", 60s})));
    message.mutable_refuse()->set_code(static_cast<v1::RefusalCode>(77));
    auto const read = std::get<refuse>(decode_from_registry(message.SerializeAsString()).value());
    EXPECT_EQ(read.code, refusal::not_placed_here);
    EXPECT_EQ(read.reason, "the moon is full");
    EXPECT_EQ(read.retry_after, 60s);
}

TEST(registry_codec, counts_parts_of_a_second_as_a_whole_one)
{
    auto message = wire<v1::FromRegistry>(encode(from_registry(some_assignment())));
    message.mutable_assignment()->set_lease_ms(1);
    EXPECT_EQ(std::get<assignment>(decode_from_registry(message.SerializeAsString()).value()).lease, 1s);
}

TEST(registry_codec, skips_host_keys_of_another_type)
{
    for (std::string const other : {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQC7", "later AAAAC3NzaC1sYXRlcg"}) {
        auto message = wire<v1::FromRegistry>(encode(from_registry(some_assignment())));
        message.mutable_assignment()->mutable_controllers(0)->add_host_keys(other);
        message.mutable_assignment()->mutable_controllers(1)->set_host_keys(0, other);
        auto const read = std::get<assignment>(decode_from_registry(message.SerializeAsString()).value());
        ASSERT_EQ(read.controllers.size(), 1U);
        EXPECT_EQ(read.controllers[0].host_keys, some_assignment().controllers[0].host_keys);
    }
}

TEST(registry_codec, refuses_what_a_probe_must_not_say)
{
    using enum errc;
    struct row {
        std::string_view name;
        std::function<void(v1::RegistryHello&)> change;
        errc expected;
    };
    for (auto const& [name, change, expected] : {
             row{"no versions", [](auto& h) { h.clear_versions(); }, malformed},
             row{"turned range", [](auto& h) { h.mutable_versions()->set_highest(0); }, malformed},
             row{"long code", [](auto& h) { h.set_claim_code(std::string(1025, 'c')); }, too_large},
             row{"IPv6 for IPv4", [](auto& h) { h.set_local_v4(std::string(16, 'a')); }, malformed},
             row{"IPv4 for IPv6", [](auto& h) { h.set_local_v6("abcd"); }, malformed},
             row{"odd address", [](auto& h) { h.set_local_v6("abc"); }, malformed},
             row{"long version", [](auto& h) { h.mutable_runs()->set_version(std::string(1025, 'v')); }, too_large},
         }) {
        SCOPED_TRACE(name);
        auto message = wire<v1::ToRegistry>(encode(to_registry(some_registry_hello())));
        change(*message.mutable_hello());
        auto const read = decode_to_registry(message.SerializeAsString());
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error(), expected);
    }
}

TEST(registry_codec, refuses_what_a_registry_must_not_say)
{
    using enum errc;
    struct row {
        std::string_view name;
        std::function<void(v1::Assignment&)> change;
        errc expected;
    };
    auto const first = [](v1::Assignment& a) { return a.mutable_controllers(0); };
    auto const repeat = [](int times, auto const& step) {
        for (int i = 0; i < times; ++i) step();
    };
    for (auto const& [name, change, expected] : {
             row{"no version", [](auto& a) { a.clear_version(); }, malformed},
             row{"no probe", [](auto& a) { a.clear_probe(); }, malformed},
             row{"no controllers", [](auto& a) { a.clear_controllers(); }, malformed},
             row{"no lease", [](auto& a) { a.clear_lease_ms(); }, malformed},
             row{"endless lease", [](auto& a) { a.set_lease_ms(INT64_MAX); }, malformed},
             row{"never again", [](auto& a) { a.clear_ask_again_after_ms(); }, malformed},
             row{"no address", [&](auto& a) { first(a)->clear_addresses(); }, malformed},
             row{"no key", [&](auto& a) { first(a)->clear_host_keys(); }, malformed},
             row{"no key of ours",
                 [](auto& a) {
                     for (auto& c : *a.mutable_controllers()) c.set_host_keys(0, "AAAA!");
                 },
                 malformed},
             row{"many controllers", [&](auto& a) { repeat(7, [&] { *a.add_controllers() = a.controllers(0); }); },
                 too_large},
             row{"many addresses", [&](auto& a) { repeat(15, [&] { first(a)->add_addresses("a"); }); }, too_large},
             row{"many keys", [&](auto& a) { repeat(8, [&] { first(a)->add_host_keys(std::string(host_key)); }); },
                 too_large},
         }) {
        SCOPED_TRACE(name);
        auto message = wire<v1::FromRegistry>(encode(from_registry(some_assignment())));
        change(*message.mutable_assignment());
        auto const read = decode_from_registry(message.SerializeAsString());
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error(), expected);
    }
}

}  // namespace
}  // namespace tp::proto
