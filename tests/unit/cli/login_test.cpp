#include "api/cli/login.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <map>

#include "base/files.hpp"

namespace tp::cli {
namespace {

class login_test : public testing::Test {
protected:
    login_test()
    {
        char name[] = "/tmp/trigpoint-login-XXXXXX";
        folder_ = ::mkdtemp(name);
        variables_["XDG_CONFIG_HOME"] = folder_;
        std::filesystem::create_directory(folder_ / "trigpoint");
    }
    ~login_test() override { std::filesystem::remove_all(folder_); }

    void write(std::string_view text, unsigned mode = 0600)
    {
        ASSERT_TRUE(write_atomically(folder_ / "trigpoint/cli.toml", text, mode));
    }
    std::optional<api_client::access> ask(login given = {})
    {
        complaint_.clear();
        return complete(
            std::move(given), [this](char const* name) { return variables_[name]; }, complaint_);
    }

    std::filesystem::path folder_;
    std::map<std::string, std::string> variables_;
    std::string complaint_;
};

TEST_F(login_test, without_anything_it_is_this_machine)
{
    auto const access = ask();
    ASSERT_TRUE(access) << complaint_;
    EXPECT_EQ(access->place.host, "localhost");
    EXPECT_EQ(access->place.port, "7480");
    EXPECT_EQ(access->key, "");
}

TEST_F(login_test, option_goes_before_variable_and_variable_before_file)
{
    write("api = \"http://file:1\"\nkey = \"file\"\nca = \"/ca.pem\"\n");
    EXPECT_EQ(ask()->place.host, "file");
    EXPECT_EQ(ask()->ca_file, "/ca.pem");
    variables_["TRIGPOINT_API"] = "http://variable:1";
    EXPECT_EQ(ask()->place.host, "variable");
    EXPECT_EQ(ask()->key, "file");
    EXPECT_EQ(ask({.api = "http://option:1", .key = "option", .ca_file = ""})->place.host, "option");
    EXPECT_EQ(ask({.api = "http://option:1", .key = "option", .ca_file = ""})->key, "option");
}

TEST_F(login_test, says_what_is_wrong)
{
    write("key = \"x\"\n", 0644);
    EXPECT_FALSE(ask());
    EXPECT_THAT(complaint_, testing::HasSubstr("chmod 600"));
    write("kye = \"x\"\n");
    EXPECT_FALSE(ask());
    EXPECT_THAT(complaint_, testing::HasSubstr("did you mean"));
    write("api = \"nonsense\"\n");
    EXPECT_FALSE(ask());
    EXPECT_THAT(complaint_, testing::HasSubstr("nonsense"));
}

TEST(login_file, follows_the_environment)
{
    auto const with = [](char const* set, char const* value) {
        return [=](char const* name) { return std::string(name) == set ? value : ""; };
    };
    EXPECT_EQ(login_file(with("HOME", "/h")), "/h/.config/trigpoint/cli.toml");
    EXPECT_EQ(login_file(with("XDG_CONFIG_HOME", "/x")), "/x/trigpoint/cli.toml");
    EXPECT_EQ(login_file(with("OTHER", "/x")), "");
}

}  // namespace
}  // namespace tp::cli
