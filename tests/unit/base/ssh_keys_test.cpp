#include "base/ssh/keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>

#include "base/files.hpp"
#include "temporary_folder.hpp"

namespace tp::ssh {
namespace {

constexpr auto good = "AAAAC3NzaC1lZDI1NTE5AAAAIBZT1/fRdVl0pMUJy6e6bnQ5CMnbcT7xCHWvO9VQbIA+";

std::string output_of(std::string const& command)
{
    std::string out;
    auto* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return out;
    char block[256];
    while (::fgets(block, sizeof block, pipe) != nullptr) out += block;
    ::pclose(pipe);
    return out;
}

TEST(public_key, is_read_in_every_usual_form)
{
    auto const text = std::string(good);
    for (auto const& form :
         {text, "ssh-ed25519 " + text, "ssh-ed25519 " + text + " a comment\n", "  " + text + "\r\n"}) {
        SCOPED_TRACE(form);
        auto const key = public_key::parse(form);
        ASSERT_TRUE(key);
        EXPECT_EQ(key->base64(), good);
        EXPECT_EQ(key->text(), "ssh-ed25519 " + text);
    }
}

TEST(public_key, names_what_is_wrong)
{
    struct row {
        std::string text;
        errc expected;
    };
    auto const text = std::string(good);
    for (auto const& [bad, expected] : {
             row{"", errc::malformed},
             row{"ssh-ed25519", errc::malformed},
             row{text.substr(1), errc::malformed},
             row{text + "A", errc::malformed},
             row{text.substr(0, 67) + "=", errc::malformed},
             row{text.substr(0, 67) + "!", errc::malformed},
             row{"ssh-ed25519 " + text.substr(0, 60), errc::malformed},
             row{std::string(68, 'A'), errc::malformed},
             row{"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB", errc::unsupported},
             row{"ecdsa-sha2-nistp256 AAAA", errc::unsupported},
             row{"AAAAB3NzaC1yc2EAAAADAQABAAAB", errc::unsupported},
         }) {
        SCOPED_TRACE(bad);
        EXPECT_EQ(public_key::parse(bad).error(), expected);
    }
}

TEST(private_key, is_made_once_and_readable_for_ssh_keygen)
{
    test::temporary_folder const folder;
    auto const path = folder / "key";
    auto const made = private_key::load_or_make(path);
    ASSERT_TRUE(made) << made.error().message();
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_EQ(private_key::load_or_make(path)->shared(), made->shared());
    EXPECT_EQ(private_key::load(path)->shared(), made->shared());

    EXPECT_THAT(output_of("ssh-keygen -lf " + path.string()), testing::HasSubstr(made->shared().fingerprint() + " "));
    EXPECT_THAT(output_of("ssh-keygen -yf " + path.string()), testing::StartsWith(made->shared().text()));
}

TEST(private_key, is_refused_when_others_may_read_it)
{
    test::temporary_folder const folder;
    auto const path = folder / "key";
    ASSERT_TRUE(private_key::load_or_make(path));
    for (auto const mode : {0640U, 0604U, 0620U, 0677U}) {
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
        EXPECT_EQ(private_key::load(path).error(), errc::rejected);
        EXPECT_EQ(private_key::load_or_make(path).error(), errc::rejected);
    }
}

TEST(private_key, is_refused_when_it_is_something_else)
{
    test::temporary_folder const folder;
    auto const path = folder / "key";
    for (auto const* const content : {"", "garbage", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"}) {
        ASSERT_TRUE(write_atomically(path, content, 0600));
        EXPECT_EQ(private_key::load(path).error(), errc::malformed) << content;
        EXPECT_EQ(private_key::load_or_make(path).error(), errc::malformed) << "it must not be replaced";
    }
    output_of("ssh-keygen -q -t ecdsa -N '' -f " + (folder / "ecdsa").string());
    EXPECT_EQ(private_key::load(folder / "ecdsa").error(), errc::unsupported);
    EXPECT_EQ(private_key::load(folder / "none").error(), boost::system::errc::no_such_file_or_directory);
}

TEST(private_key, signs_what_its_public_half_verifies)
{
    test::temporary_folder const folder;
    auto const key = private_key::load_or_make(folder / "key").value(),
               other = private_key::load_or_make(folder / "other").value();
    auto const signature = key.sign("some octets");
    ASSERT_TRUE(signature);
    EXPECT_EQ(signature->size(), private_key::signature_length);
    EXPECT_TRUE(key.shared().verifies("some octets", *signature));
    EXPECT_FALSE(key.shared().verifies("some octet", *signature));
    EXPECT_FALSE(other.shared().verifies("some octets", *signature));
    EXPECT_FALSE(key.shared().verifies("some octets", signature->substr(1)));
    EXPECT_FALSE(key.shared().verifies("some octets", ""));
    auto changed = *signature;
    changed[9] = static_cast<char>(changed[9] ^ 1);
    EXPECT_FALSE(key.shared().verifies("some octets", changed));
    EXPECT_TRUE(key.shared().verifies("", key.sign("").value()));
}

}  // namespace
}  // namespace tp::ssh
