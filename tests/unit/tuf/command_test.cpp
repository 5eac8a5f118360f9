#include <gtest/gtest.h>

#include "firmware-signing/tuf/command/arguments.hpp"
#include "firmware-signing/tuf/command/http_place.hpp"

namespace tp::tuf {
namespace {

TEST(TufCommand, PlacesAreReadFromUrls)
{
    struct row {
        std::string_view url, host, port, prefix, authority;
    };
    for (auto const& [url, host, port, prefix, authority] : {
             row{"http://127.0.0.1:8080/test/metadata/", "127.0.0.1", "8080", "/test/metadata/", "127.0.0.1:8080"},
             row{"http://localhost/a", "localhost", "80", "/a/", "localhost"},
             row{"http://localhost", "localhost", "80", "/", "localhost"},
             row{"http://[::1]:81/a%20b/", "::1", "81", "/a%20b/", "[::1]:81"},
             row{"http://[2001:db8::1]/", "2001:db8::1", "80", "/", "[2001:db8::1]"},
         }) {
        SCOPED_TRACE(url);
        auto const place = http_place::parse(url);
        ASSERT_TRUE(place);
        EXPECT_EQ(place->host, host);
        EXPECT_EQ(place->port, port);
        EXPECT_EQ(place->prefix, prefix);
        EXPECT_EQ(place->authority(), authority);
    }
    for (std::string_view const bad :
         {"http://", "http:///a", "http://host:/", "http://host:x/", "http://a@host/", "http://h/?q", "http://h/#f"})
        EXPECT_EQ(http_place::parse(bad).error(), errc::malformed) << bad;
    EXPECT_EQ(http_place::parse("https://host/").error(), errc::unsupported);
    EXPECT_EQ(http_place::parse("").error(), errc::unsupported);
}

TEST(TufCommand, NothingIsEscapedTwice)
{
    auto const place = http_place::parse("http://h/a%20b").value();
    EXPECT_EQ(place.target("1.root.json"), "/a%20b/1.root.json");
    EXPECT_EQ(place.target("2.%2Frole.json"), "/a%20b/2.%2Frole.json");
    EXPECT_EQ(place.target("dir/a b?#\xc3\xa9\r\n.bin"), "/a%20b/dir/a%20b%3F%23%C3%A9%0D%0A.bin");
    EXPECT_EQ(place.target("~a-b_c!$&'()*+,;=:@"), "/a%20b/~a-b_c!$&'()*+,;=:@");
}

TEST(TufCommand, ArgumentsAreReadInAnyOrder)
{
    auto const init = read_arguments({"--metadata-dir", "D", "init", "ROOT"}).value();
    EXPECT_EQ(init.verb, "init");
    EXPECT_EQ(init.root, "ROOT");
    EXPECT_EQ(init.metadata_dir, "D");
    EXPECT_FALSE(init.complaint());
    auto const refresh = read_arguments({"--metadata-url", "U", "--metadata-dir", "D", "refresh"}).value();
    EXPECT_FALSE(refresh.complaint());
    auto const download = read_arguments({"download", "--metadata-url", "U", "--target-name", "a", "--metadata-dir",
                                          "D", "--target-name", "--b", "--target-dir", "T", "--target-base-url", "B"})
                              .value();
    EXPECT_FALSE(download.complaint());
    EXPECT_EQ(download.target_names, (std::vector<std::string>{"a", "--b"}));
    EXPECT_EQ(download.target_dir + download.target_base_url, "TB");
}

TEST(TufCommand, WhatIsMissingIsTold)
{
    for (auto const& words : std::vector<std::vector<std::string>>{{},
                                                                   {"--metadata-dir"},
                                                                   {"--metadata-dir", "D"},
                                                                   {"--x", "y", "init"},
                                                                   {"init", "ROOT", "more"},
                                                                   {"refresh", "more"}})
        EXPECT_EQ(read_arguments(words).error(), errc::malformed);
    for (auto const& words : std::vector<std::vector<std::string>>{
             {"init", "ROOT"},
             {"--metadata-dir", "D", "init"},
             {"--metadata-dir", "D", "refresh"},
             {"--metadata-dir", "D", "other"},
             {"--metadata-dir", "D", "--metadata-url", "U", "download"},
             {"--metadata-dir", "D", "--metadata-url", "U", "--target-name", "a", "download"},
             {"--metadata-dir", "D", "--metadata-url", "U", "--target-name", "a", "--target-dir", "T", "download"}})
        EXPECT_TRUE(read_arguments(words).value().complaint()) << words.back();
}

}  // namespace
}  // namespace tp::tuf
