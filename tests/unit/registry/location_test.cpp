#include "registry/location.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>

namespace tp::registry {
namespace {

/// Databases in GeoLite2's layouts, written by MaxMind's own writer.
class location_test : public testing::Test {
protected:
    void SetUp() override
    {
        std::string name = testing::TempDir() + "locationXXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
        auto const command =
            "perl '" TP_SOURCE_DIR "/tests/lab/make_mmdb.pl' '" + country().string() + "' '" + asn().string() + "'";
        auto* const writer = popen(command.c_str(), "w");
        ASSERT_NE(writer, nullptr);
        std::fputs(
            "198.51.100.0/24 NL 64500 First\n"
            "203.0.113.64/26 DE 64501 Second\n"
            "2001:db8:1::/48 FR 64502 Third\n",
            writer);
        ASSERT_EQ(pclose(writer), 0);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path country() const { return folder_ / "country.mmdb"; }
    std::filesystem::path asn() const { return folder_ / "asn.mmdb"; }
    static ip_address address(std::string_view text) { return parse_address(text).value(); }

    std::filesystem::path folder_;
};

TEST_F(location_test, finds_number_prefix_and_country_of_both_families)
{
    auto const files = location_files::open({asn(), country()});
    ASSERT_TRUE(files);
    auto const v4 = files->find(address("203.0.113.100"));
    EXPECT_EQ(v4.asn, 64501U);
    ASSERT_TRUE(v4.prefix);
    EXPECT_EQ(v4.prefix->text(), "203.0.113.64/26");
    EXPECT_EQ(v4.country, "DE");
    auto const v6 = files->find(address("2001:db8:1::5"));
    EXPECT_EQ(v6.asn, 64502U);
    ASSERT_TRUE(v6.prefix);
    EXPECT_EQ(v6.prefix->text(), "2001:db8:1::/48");
    EXPECT_EQ(v6.country, "FR");
}

TEST_F(location_test, knows_nothing_about_other_addresses)
{
    auto const files = location_files::open({asn(), country()});
    ASSERT_TRUE(files);
    for (auto const* unknown : {"203.0.113.1", "10.0.0.1", "2001:db8:2::1"}) {
        SCOPED_TRACE(unknown);
        auto const found = files->find(address(unknown));
        EXPECT_FALSE(found.asn);
        EXPECT_FALSE(found.prefix);
        EXPECT_EQ(found.country, "");
    }
}

TEST_F(location_test, takes_the_other_family_from_the_local_address)
{
    auto const files = location_files::open({asn(), country()});
    ASSERT_TRUE(files);
    auto const place = files->locate(address("198.51.100.7"), address("10.0.0.7"), address("2001:db8:1::7"));
    EXPECT_EQ(place.asn_v4, 64500U);
    EXPECT_EQ(place.asn_v6, 64502U);
    EXPECT_EQ(place.country, "NL");
    auto const over_v6 = files->locate(address("2001:db8:9::7"), address("198.51.100.7"), std::nullopt);
    EXPECT_EQ(over_v6.asn_v4, 64500U);
    EXPECT_FALSE(over_v6.asn_v6);
    EXPECT_EQ(over_v6.country, "NL");
}

TEST_F(location_test, works_without_files)
{
    auto const files = location_files::open({});
    ASSERT_TRUE(files);
    EXPECT_FALSE(files->find(address("198.51.100.7")).asn);
    auto const only_country = location_files::open({"", country()});
    ASSERT_TRUE(only_country);
    EXPECT_EQ(only_country->find(address("198.51.100.7")).country, "NL");
}

TEST_F(location_test, complains_about_files_that_are_missing_or_something_else)
{
    EXPECT_EQ(location_files::open({folder_ / "absent", ""}).error(), boost::system::errc::no_such_file_or_directory);
    std::ofstream(folder_ / "text") << "no database";
    EXPECT_EQ(location_files::open({folder_ / "text", ""}).error(), errc::malformed);
}

}  // namespace
}  // namespace tp::registry
