#include "registry/alerts/settings.hpp"

#include <gtest/gtest.h>

namespace tp::registry {
namespace {

TEST(alert_receivers, are_read_as_they_are_written)
{
    auto from = settings::parse(R"(
[[alert_receivers]]
name = "pager"
url = "https://pager.example:8443/hook?a=1"
secret_file = "/etc/pager.secret"
ca = "/etc/ca.pem"
[[alert_receivers]]
name = "chat"
url = "http://[2001:db8::1]"
secret_file = "/etc/chat.secret"
)",
                                "test.toml");
    auto const read = read_alert_receivers(from);
    EXPECT_EQ(from.finish(), std::nullopt);
    ASSERT_EQ(read.size(), 2U);
    EXPECT_TRUE(read[0].url.secure);
    EXPECT_EQ(read[0].url.target, "/hook?a=1");
    EXPECT_EQ(read[1].secret_file, "/etc/chat.secret");
    auto again = settings::parse(alert_receivers_text(read), "again.toml");
    EXPECT_EQ(alert_receivers_text(read_alert_receivers(again)), alert_receivers_text(read));
    EXPECT_EQ(again.finish(), std::nullopt);
}

TEST(alert_receivers, name_what_cannot_be_used)
{
    constexpr auto good = "name = \"a\"\nurl = \"http://h/\"\nsecret_file = \"/s\"\n";
    for (auto const& text :
         {std::string("url = \"http://h/\"\nsecret_file = \"/s\""), std::string("name = \"a\"\nsecret_file = \"/s\""),
          std::string("name = \"a\"\nurl = \"http://h/\""), std::string(good) + "x = 1",
          std::string("name = \"A b\"\nurl = \"http://h/\"\nsecret_file = \"/s\""),
          std::string(good) + "[[alert_receivers]]\n" + good, std::string(good) + "ca = \"it's\""}) {
        auto from = settings::parse("[[alert_receivers]]\n" + text, "test.toml");
        read_alert_receivers(from);
        EXPECT_NE(from.finish(), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace tp::registry
