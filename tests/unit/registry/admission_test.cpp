#include "registry/admission.hpp"

#include <gtest/gtest.h>

namespace tp::registry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ip_address address(std::string_view text)
{
    return parse_address(text).value();
}

class rate_limiter_test : public testing::Test {
protected:
    steady_time now_{std::chrono::hours{1}};
    rate_limiter limiter_{{.burst = 3, .refill = seconds{10}}, 4};
};

TEST_F(rate_limiter_test, grants_a_burst_and_then_says_how_long_to_wait)
{
    auto const source = address("192.0.2.1");
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter_.take(source, now_));
    EXPECT_EQ(limiter_.take(source, now_), milliseconds{10'000});
    EXPECT_EQ(limiter_.take(source, now_ + seconds{4}), milliseconds{6'000});
    EXPECT_FALSE(limiter_.take(source, now_ + seconds{10}));
    EXPECT_TRUE(limiter_.take(source, now_ + seconds{10}));
}

TEST_F(rate_limiter_test, never_saves_more_than_a_burst)
{
    auto const source = address("192.0.2.1");
    EXPECT_FALSE(limiter_.take(source, now_));
    now_ += std::chrono::hours{24};
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter_.take(source, now_));
    EXPECT_TRUE(limiter_.take(source, now_));
}

TEST_F(rate_limiter_test, counts_each_address_alone_but_an_ipv6_host_by_its_64)
{
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter_.take(address("2001:db8:0:1::1"), now_));
    EXPECT_TRUE(limiter_.take(address("2001:db8:0:1:ffff::2"), now_));
    EXPECT_FALSE(limiter_.take(address("2001:db8:0:2::1"), now_));
    EXPECT_FALSE(limiter_.take(address("192.0.2.1"), now_));
}

TEST_F(rate_limiter_test, takes_a_mapped_address_for_the_ipv4_address_that_it_is)
{
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter_.take(address("::ffff:192.0.2.1"), now_));
    EXPECT_TRUE(limiter_.take(address("192.0.2.1"), now_));
    EXPECT_FALSE(limiter_.take(address("::ffff:192.0.2.2"), now_));
}

TEST_F(rate_limiter_test, forgets_the_longest_quiet_source_when_full)
{
    for (int i = 0; i < 3; ++i) limiter_.take(address("192.0.2.1"), now_);
    for (auto const* other : {"192.0.2.2", "192.0.2.3", "192.0.2.4"}) limiter_.take(address(other), now_);
    EXPECT_TRUE(limiter_.take(address("192.0.2.1"), now_));   // still known, and now the newest
    EXPECT_FALSE(limiter_.take(address("192.0.2.5"), now_));  // in the place of .2
    EXPECT_EQ(limiter_.sources(), 4U);
    EXPECT_TRUE(limiter_.take(address("192.0.2.1"), now_));
}

TEST(admission, stops_looking_at_claim_codes_after_the_allowance)
{
    admission desk({.claims = {2, std::chrono::minutes{1}}, .unknown_keys = {2, seconds{10}}});
    steady_time const now{std::chrono::hours{1}};
    auto const source = address("192.0.2.1");
    EXPECT_FALSE(desk.may_claim(source, now));
    EXPECT_FALSE(desk.may_claim(source, now));
    auto const refused = desk.may_claim(source, now);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, proto::refusal::too_many_attempts);
    EXPECT_EQ(refused->retry_after, seconds{60});
    EXPECT_FALSE(desk.may_claim(address("192.0.2.2"), now));
}

TEST(admission, tells_an_unknown_key_which_key_it_was_and_what_to_do)
{
    admission desk({.claims = {2, std::chrono::minutes{1}}, .unknown_keys = {1, seconds{10}}});
    steady_time const now{std::chrono::hours{1}};
    auto const first = desk.unknown_key(address("192.0.2.1"), "SHA256:abc", now);
    EXPECT_EQ(first.code, proto::refusal::unknown_key);
    EXPECT_NE(first.reason.find("SHA256:abc"), std::string::npos);
    EXPECT_EQ(first.retry_after, admission::unknown_retry);
    auto const second = desk.unknown_key(address("192.0.2.1"), "SHA256:abc", now);
    EXPECT_EQ(second.code, proto::refusal::too_many_attempts);
    EXPECT_GE(second.retry_after, admission::unknown_retry);
}

TEST(admission, names_both_version_ranges)
{
    auto const refused = admission::version({7, 9});
    EXPECT_EQ(refused.code, proto::refusal::version);
    EXPECT_NE(refused.reason.find("7 to 9"), std::string::npos);
}

}  // namespace
}  // namespace tp::registry
