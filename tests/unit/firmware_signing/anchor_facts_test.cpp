#include "firmware-signing/anchor_facts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tp::signing {
namespace {

using about = std::map<std::string, std::string, std::less<>>;

TEST(anchor_facts, are_read_by_their_subjects)
{
    listed_anchor const anchor{.name = "a.net",
                               .about = {{"asn_v4", "4200000000"},
                                         {"city", "Amsterdam"},
                                         {"company", "Example B.V."},
                                         {"country", "NL"},
                                         {"latitude", "-52.3676"},
                                         {"longitude", "4"},
                                         {"moon_phase", "full"},
                                         {"probe", "7"}}};
    auto const [facts, complaint] = facts_about(anchor);
    EXPECT_EQ(complaint, std::nullopt);
    EXPECT_EQ(facts.country, "NL");
    EXPECT_EQ(facts.city, "Amsterdam");
    EXPECT_EQ(facts.company, "Example B.V.");
    EXPECT_EQ(facts.probe, probe_id::from(7).value());
    EXPECT_EQ(facts.asn_v4, 4'200'000'000U);
    EXPECT_EQ(facts.asn_v6, std::nullopt);
    EXPECT_EQ(facts.latitude, -52.3676);
    EXPECT_EQ(facts.longitude, 4.0);
    EXPECT_EQ(facts_about({.name = "a.net"}).complaint, std::nullopt);
}

TEST(anchor_facts, that_cannot_be_are_told)
{
    struct row {
        about said;
        char const* complaint;
    };
    for (auto const& [said, complaint] : {
             row{{{"country", "nl"}}, "country is not two capital letters"},
             row{{{"country", "NLD"}}, "country is not two capital letters"},
             row{{{"asn_v4", "AS3333"}}, "asn_v4 is no number"},
             row{{{"asn_v6", "4294967296"}}, "asn_v6 is no number"},
             row{{{"asn_v6", "-1"}}, "asn_v6 is no number"},
             row{{{"probe", "0"}}, "probe is no probe's number"},
             row{{{"probe", "2147483648"}}, "probe is no probe's number"},
             row{{{"latitude", "90.1"}, {"longitude", "0"}}, "latitude lies beyond the Earth"},
             row{{{"latitude", "nan"}, {"longitude", "0"}}, "latitude lies beyond the Earth"},
             row{{{"latitude", "1"}, {"longitude", "-181"}}, "longitude lies beyond the Earth"},
             row{{{"latitude", "1"}}, "latitude and longitude go together"},
             row{{{"longitude", "1"}}, "latitude and longitude go together"},
         }) {
        EXPECT_EQ(facts_about({.name = "a.net", .about = said}).complaint,
                  "anchor \"a.net\": " + std::string(complaint));
    }
}

}  // namespace
}  // namespace tp::signing
