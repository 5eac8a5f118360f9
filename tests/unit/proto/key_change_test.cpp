#include "proto/key_change.hpp"

#include <gtest/gtest.h>

#include "tests/unit/proto/samples.hpp"

namespace tp::proto {
namespace {

using namespace samples;
using verdict = key_answer::verdict;

key_change some_key_change()
{
    return {ssh::public_key::parse(host_key).value(), std::string(64, 'o'), std::string(64, 'n')};
}

TEST(key_change, is_read_as_it_was_written)
{
    auto const read = decode_to_controller(encode(to_controller(some_key_change())));
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<key_change>(*read), some_key_change());
    EXPECT_TRUE(std::holds_alternative<key_wish>(decode_to_controller(encode(to_controller(key_wish{}))).value()));
}

TEST(key_change, of_another_key_type_or_with_short_signatures_is_malformed)
{
    auto wire = samples::wire<v1::ToController>(encode(to_controller(some_key_change())));
    for (auto const* const key : {"", "ssh-ed25519", "AAAAB3NzaC1yc2E"}) {
        auto changed = wire;
        changed.mutable_key_change()->set_key(key);
        EXPECT_EQ(decode_to_controller(changed.SerializeAsString()).error(), errc::malformed) << key;
    }
    auto spelled = wire;  // each key has one spelling
    spelled.mutable_key_change()->set_key("ssh-ed25519 " + std::string(host_key));
    EXPECT_EQ(decode_to_controller(spelled.SerializeAsString()).error(), errc::malformed);
    for (std::size_t length : {0U, 63U, 65U}) {
        auto changed = wire;
        changed.mutable_key_change()->set_by_old(std::string(length, 'x'));
        EXPECT_FALSE(decode_to_controller(changed.SerializeAsString())) << length;
        changed = wire;
        changed.mutable_key_change()->set_by_new(std::string(length, 'x'));
        EXPECT_FALSE(decode_to_controller(changed.SerializeAsString())) << length;
    }
}

TEST(key_nonce, has_one_length)
{
    auto const read = decode_from_controller(encode(from_controller(key_nonce{std::string(32, 'n'), true})));
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<key_nonce>(*read).octets, std::string(32, 'n'));
    EXPECT_TRUE(std::get<key_nonce>(*read).wanted);
    for (std::size_t length : {0U, 31U, 33U})
        EXPECT_FALSE(decode_from_controller(encode(from_controller(key_nonce{std::string(length, 'n')})))) << length;
}

TEST(key_answer, of_a_later_version_says_not_now)
{
    for (auto const is : {verdict::taken, verdict::refused, verdict::later}) {
        auto const read = decode_from_controller(encode(from_controller(key_answer{is, "because"})));
        ASSERT_TRUE(read);
        EXPECT_EQ(std::get<key_answer>(*read).is, is);
        EXPECT_EQ(std::get<key_answer>(*read).reason, "because");
    }
    auto later = samples::wire<v1::FromController>(encode(from_controller(key_answer{verdict::taken, {}})));
    later.mutable_key_answer()->set_verdict(static_cast<v1::KeyVerdict>(9));
    EXPECT_EQ(std::get<key_answer>(decode_from_controller(later.SerializeAsString()).value()).is, verdict::later);
    later.mutable_key_answer()->set_verdict(v1::KEY_UNSPECIFIED);
    EXPECT_FALSE(decode_from_controller(later.SerializeAsString()));
}

TEST(key_change, signs_other_octets_for_every_nonce_probe_and_key)
{
    auto const one = ssh::public_key::parse(host_key).value();
    auto other_text = std::string(host_key);
    other_text.back() = 'k';
    auto const other = ssh::public_key::parse(other_text).value();
    auto const twelve = probe_id::from(12).value(), one_two = probe_id::from(1).value();
    auto const nonce = std::string(32, '2');
    auto const octets = signed_octets_of_key_change(nonce, twelve, one, other);
    EXPECT_EQ(octets, signed_octets_of_key_change(nonce, twelve, one, other));
    EXPECT_NE(octets, signed_octets_of_key_change(nonce, twelve, other, one));
    EXPECT_NE(octets, signed_octets_of_key_change(nonce, one_two, one, other));
    EXPECT_NE(octets, signed_octets_of_key_change(std::string(32, '3'), twelve, one, other));
    EXPECT_TRUE(octets.starts_with("trigpoint key change 1\n"));
}

}  // namespace
}  // namespace tp::proto
