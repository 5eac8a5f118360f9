#include "api/errors.hpp"

#include <gtest/gtest.h>

#include "api/http/head.hpp"

namespace tp::api {
namespace {

TEST(errors, look_like_those_of_atlas)
{
    EXPECT_EQ(
        to_json(bad_body("/definitions/0/af", "This field is required.")),
        R"({"error":{"status":400,"code":102,"title":"Bad Request","detail":"There was a problem with your request",)"
        R"("errors":[{"source":{"pointer":"/definitions/0/af"},"detail":"This field is required."}]}})");
    EXPECT_EQ(
        to_json(forbidden("The provided API key does not exist")),
        R"({"error":{"status":403,"code":104,"title":"Forbidden","detail":"The provided API key does not exist"}})");
    EXPECT_EQ(
        to_json(bad_parameter("page", "x")),
        R"({"error":{"status":400,"code":102,"title":"Bad Request","detail":"There was a problem with your request",)"
        R"("errors":[{"source":{"parameter":"page"},"detail":"x"}]}})");
}

TEST(errors, are_called_the_same_in_status_line_and_title)
{
    for (unsigned const status : {400U, 403U, 404U, 405U, 409U, 413U, 429U, 431U, 500U, 503U}) {
        auto const phrase = std::string(http::reason_phrase(status));
        EXPECT_NE(phrase, "Other") << status;
        auto const out = answer(problem(status, {}, {}));
        auto const line = "HTTP/1.1 " + std::to_string(status) + ' ' + phrase + "\r\n";
        EXPECT_TRUE(http::head_text(out, http::framing::length, true, {}).starts_with(line)) << status;
        EXPECT_NE(out.body.find("\"title\":\"" + phrase + '"'), std::string::npos) << out.body;
    }
}

TEST(errors, of_the_store_keep_their_meaning)
{
    EXPECT_EQ(from_store(errc::not_found).status, 404U);
    EXPECT_EQ(from_store(errc::conflict).status, 409U);
    EXPECT_EQ(from_store(errc::unavailable).status, 503U);
    EXPECT_EQ(from_store(errc::timed_out).status, 503U);
    EXPECT_EQ(from_store(errc::rejected).status, 500U);
    EXPECT_EQ(answer(from_store(errc::unavailable)).headers.at(0).first, "Retry-After");
}

}  // namespace
}  // namespace tp::api
