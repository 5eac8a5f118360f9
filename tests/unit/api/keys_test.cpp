#include <gmock/gmock.h>

#include "api/keys/requests.hpp"

namespace tp::api {
namespace {

auto const now = from_unix_seconds(1'700'000'000);

TEST(key_request, is_read_as_atlas_writes_it)
{
    auto const asked =
        parse_key_request(R"({"label":"ci","enabled":true,"valid_from":"2023-11-14T22:13:20Z","valid_to":1700000060,)"
                          R"("grants":[{"permission":"probes.add","target":null},{"permission":"keys.create"}]})",
                          now);
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->label, "ci");
    EXPECT_THAT(asked->scopes, testing::ElementsAre("probes.add", "keys.create"));
    EXPECT_EQ(asked->valid_to, from_unix_seconds(1'700'000'060));
}

TEST(key_request, is_refused_where_the_key_would_be_good_for_more_than_was_asked)
{
    struct row {
        std::string members, pointer;
    };
    for (auto const& [members, pointer] : {
             row{R"("grants":[{"permission":"keys.create"},{"permission":"measurements.stop_measurement",)"
                 R"("target":{"type":"measurement","id":"1000007"}}])",
                 "/grants/1/target"},
             row{R"("scopes":["keys.create"],"valid_from":1700000001)", "/valid_from"},
             row{R"("scopes":["keys.create"],"valid_from":"soon")", "/valid_from"},
             row{R"("scopes":["keys.create"],"enabled":false)", "/enabled"},
             row{R"("grants":[7])", "/scopes"},
             row{R"("grants":7)", "/grants"},
             row{R"("label":"nothing")", "/scopes"},
         }) {
        SCOPED_TRACE(members);
        auto const asked = parse_key_request('{' + members + '}', now);
        ASSERT_FALSE(asked);
        EXPECT_EQ(asked.error().status, 400U);
        EXPECT_EQ(asked.error().faults.at(0).where, pointer);
    }
}

}  // namespace
}  // namespace tp::api
