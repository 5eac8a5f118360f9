#include "api/auth.hpp"

#include <gtest/gtest.h>

namespace tp::api {
namespace {

caller with(store::role role, std::vector<std::string> scopes)
{
    return caller{store::credential{"uuid", account_id::from(1).value(), "a@example.net", role, std::move(scopes)}};
}

TEST(auth, finds_the_key_in_header_and_query)
{
    struct row {
        std::string header, query;
        std::optional<std::string> key;
    };
    for (auto const& [header, query, key] : {
             row{"Key abc", "", "abc"},
             row{"key  abc", "", "abc"},
             row{"", "key=def", "def"},
             row{"Key abc", "key=def", "abc"},
             row{"", "key=", std::nullopt},
             row{"", "", std::nullopt},
             row{"Basic abc", "", std::nullopt},
             row{"Key ", "key=def", "def"},
         }) {
        SCOPED_TRACE(header + '?' + query);
        http::request request;
        request.authorization = header;
        request.query = http::parse_query(query);
        EXPECT_EQ(key_of(request), key);
    }
}

TEST(auth, needs_the_scope_and_the_role)
{
    constexpr auto create = "measurements.create_measurement";
    EXPECT_FALSE(may(caller{}, create));
    EXPECT_TRUE(may(with(store::role::user, {create}), create));
    EXPECT_TRUE(may(with(store::role::user, {"*"}), create));
    EXPECT_FALSE(may(with(store::role::host, {"*"}), create));
    EXPECT_FALSE(may(with(store::role::user, {"probes.add"}), create));
    EXPECT_FALSE(may(with(store::role::user, {"*"}), "probes.revoke"));
    EXPECT_TRUE(may(with(store::role::admin, {"*"}), "probes.revoke"));
    EXPECT_FALSE(may(with(store::role::admin, {"*"}), "no.such.scope"));
}

TEST(auth, shows_private_things_to_their_owner_and_to_operators)
{
    constexpr auto list = "measurements.list_measurements";
    auto const mine = account_id::from(1).value();
    auto const others = account_id::from(2).value();
    EXPECT_TRUE(sees_private(with(store::role::user, {"*"}), mine, list));
    EXPECT_FALSE(sees_private(with(store::role::user, {"probes.add"}), mine, list));
    EXPECT_FALSE(sees_private(with(store::role::user, {"*"}), others, list));
    EXPECT_FALSE(sees_private(with(store::role::user, {"*"}), std::nullopt, list));
    EXPECT_TRUE(sees_private(with(store::role::operator_, {"*"}), others, list));
    EXPECT_FALSE(sees_private(caller{}, mine, list));
}

TEST(auth, roles_have_names)
{
    for (auto const role : {store::role::host, store::role::user, store::role::operator_, store::role::admin}) {
        EXPECT_EQ(role_named(name_of(role)), role);
    }
    EXPECT_FALSE(role_named("root"));
}

}  // namespace
}  // namespace tp::api
