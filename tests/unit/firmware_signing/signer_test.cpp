#include "firmware-signing/signer.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "firmware-signing/refusal.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::signing {
namespace {

class signer_test : public testing::Test {
protected:
    std::filesystem::path file() const { return folder_ / "key"; }
    test::temporary_folder folder_;
};

TEST_F(signer_test, a_key_file_is_its_owners_alone_and_is_never_overwritten)
{
    auto const key = private_key::make().value();
    ASSERT_TRUE(key.save(file()));
    struct ::stat about {};
    ASSERT_EQ(::stat(file().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777, 0600U);
    EXPECT_EQ(private_key::load(file()).value().shared(), key.shared());
    EXPECT_EQ(private_key::make().value().save(file()).error(), errc::conflict);

    std::filesystem::permissions(file(), std::filesystem::perms(0640));
    EXPECT_EQ(private_key::load(file()).error(), errc::rejected);
}

TEST_F(signer_test, only_ed25519_is_a_key)
{
    std::ofstream(file()) << "-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n";
    std::filesystem::permissions(file(), std::filesystem::perms(0600));
    EXPECT_EQ(private_key::load(file()).error(), refusal::malformed);
}

TEST_F(signer_test, a_key_with_a_pass_phrase_opens_with_it_alone)
{
    auto const key = private_key::make().value();
    ASSERT_TRUE(key.save(file(), "correct horse battery"));
    auto const saying = [](std::optional<std::string> phrase) { return [phrase] { return phrase; }; };
    EXPECT_EQ(private_key::load(file(), saying("correct horse battery")).value().shared(), key.shared());
    EXPECT_EQ(private_key::load(file(), saying("correct horse batterx")).error(), errc::conflict);
    EXPECT_EQ(private_key::load(file(), saying("")).error(), errc::conflict);
    EXPECT_EQ(private_key::load(file(), saying(std::nullopt)).error(), errc::not_found);
    EXPECT_EQ(private_key::load(file()).error(), errc::not_found);
}

TEST_F(signer_test, a_key_without_one_asks_for_none)
{
    auto const key = private_key::make().value();
    ASSERT_TRUE(key.save(file()));
    auto const never = []() -> std::optional<std::string> {
        ADD_FAILURE();
        return std::nullopt;
    };
    EXPECT_EQ(private_key::load(file(), never).value().shared(), key.shared());
}

TEST_F(signer_test, a_public_key_has_one_spelling)
{
    auto const key = private_key::make().value().shared();
    auto const text = key.text();
    EXPECT_EQ(public_key::parse(text).value(), key);
    EXPECT_EQ(key.id().size(), 64U);
    for (auto const& wrong : {std::string(), text.substr(1), text + "0", text.substr(0, text.size() - 1), ' ' + text,
                              "ed25519:" + std::string(64, 'G'), "ed25519:" + std::string(64, 'A')}) {
        SCOPED_TRACE(wrong);
        EXPECT_EQ(public_key::parse(wrong).error(), refusal::malformed);
    }
}

/// RFC 8032, section 7.1, test 2.
TEST_F(signer_test, signatures_are_those_of_the_rfc)
{
    auto const key =
        public_key::parse("ed25519:3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c").value();
    std::string const octets = "\x72";
    constexpr unsigned char signature[] = {0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f,
                                           0x64, 0x25, 0x40, 0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76,
                                           0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda, 0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99,
                                           0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae,
                                           0xb4, 0x30, 0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00};
    std::string_view const given(reinterpret_cast<char const*>(signature), sizeof signature);
    EXPECT_TRUE(key.verifies(octets, given));
    EXPECT_FALSE(key.verifies("s", given));
    EXPECT_FALSE(key.verifies(octets, given.substr(1)));
}

}  // namespace
}  // namespace tp::signing
