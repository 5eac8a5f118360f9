#include "firmware-signing/trust_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware-signing/signer.hpp"

namespace tp::signing {
namespace {

std::string key()
{
    return private_key::make()->shared().text();
}

settings section(std::string const& text)
{
    return settings::parse("[trust]\n" + text, "test.toml");
}

TEST(TrustSettings, NobodyIsTrustedWhereNobodyIsNamed)
{
    auto from = section("");
    EXPECT_TRUE(read_trusted_keys(from).empty());
    EXPECT_EQ(from.finish(), std::nullopt);
}

TEST(TrustSettings, KeysAndThresholdAreRead)
{
    auto from = section("keys = [\"" + key() + "\", \"" + key() + "\"]\nthreshold = 2\n");
    auto const trusted = read_trusted_keys(from);
    EXPECT_EQ(from.finish(), std::nullopt);
    EXPECT_FALSE(trusted.empty());
    EXPECT_EQ(trusted.threshold(), 2u);
}

TEST(TrustSettings, TheSameKeysInAnotherOrderAreTheSame)
{
    auto const one = private_key::make()->shared(), other = private_key::make()->shared();
    auto const id = [](std::vector<public_key> keys, std::size_t threshold) {
        return trusted_keys::from(std::move(keys), threshold).value().id();
    };
    EXPECT_EQ(id({one, other}, 1), id({other, one}, 1));
    EXPECT_NE(id({one, other}, 1), id({one, other}, 2));
    EXPECT_NE(id({one, other}, 1), id({one}, 1));
    EXPECT_NE(id({one}, 1), id({other}, 1));
}

TEST(TrustSettings, WhatIsNoKeyOrNoThresholdIsToldByItsName)
{
    auto const complaint = [](std::string const& text) {
        auto from = section(text);
        read_trusted_keys(from);
        return from.finish().value_or("nothing");
    };
    auto const one = key();
    EXPECT_THAT(complaint("keys = [\"rubbish\"]\n"), testing::HasSubstr("\"rubbish\" is not"));
    EXPECT_THAT(complaint("keys = [\"" + one + "\"]\nthreshold = 2\n"), testing::HasSubstr("trust.threshold"));
    EXPECT_THAT(complaint("keys = [\"" + one + "\"]\nthreshold = 0\n"), testing::HasSubstr("trust.threshold"));
    EXPECT_THAT(complaint("keys = [\"" + one + "\", \"" + one + "\"]\n"), testing::HasSubstr("names a key twice"));
}

}  // namespace
}  // namespace tp::signing
