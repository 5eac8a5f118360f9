#include "api/anchors/document.hpp"

#include <gtest/gtest.h>

#include "api/anchors/object.hpp"
#include "tests/unit/firmware_signing/samples.hpp"

namespace tp::api {
namespace {

using namespace std::chrono_literals;
using signing::private_key;
using signing::sealed;

class anchor_document_test : public testing::Test {
protected:
    /// Status and text of the refusal; 0 if there is none.
    std::pair<unsigned, std::string> why(std::string octets, std::uint64_t published = 6) const
    {
        auto const judged = judge_anchor_document(std::move(octets), trusted_, now_, published);
        if (judged) return {0, ""};
        auto const& what = judged.error();
        return {what.status, what.faults.empty() ? what.detail : what.faults.front().detail};
    }

    wall_time const now_ = from_unix_seconds(1'800'000'000);
    private_key const first_ = private_key::make().value(), second_ = private_key::make().value(),
                      stranger_ = private_key::make().value();
    signing::trusted_keys trusted_ = signing::trusted_keys::from({first_.shared(), second_.shared()}, 2).value();
    std::string const content_ =
        "anchor a.example.net 80,8080 192.0.2.1 2001:db8::1\nabout asn_v4 64500\nabout city Amsterdam\n"
        "about company Example\nabout country NL\nabout latitude 52.5\nabout longitude 4.5\nabout probe 7\n"
        "anchor b.example.net 443 192.0.2.2\n";
    signing::statement const says_{"anchors", 7, now_ + 1h, content_};
};

TEST_F(anchor_document_test, becomes_entries_and_stays_as_it_was_signed)
{
    auto const octets = sealed(says_, {&first_, &second_});
    auto const judged = judge_anchor_document(octets, trusted_, now_, 6);
    ASSERT_TRUE(judged) << to_json(judged.error());
    EXPECT_EQ(judged->document.name, "anchors");
    EXPECT_EQ(judged->document.version, 7U);
    EXPECT_EQ(judged->document.expires, now_ + 1h);
    EXPECT_EQ(judged->document.octets, octets);
    ASSERT_EQ(judged->entries.size(), 2U);
    auto const& one = judged->entries[0];
    EXPECT_EQ(one.name, "a.example.net");
    EXPECT_EQ(one.addresses.at(1), parse_address("2001:db8::1").value());
    EXPECT_EQ(one.ports, (std::vector<std::uint16_t>{80, 8080}));
    EXPECT_EQ(one.country, "NL");
    EXPECT_EQ(one.city, "Amsterdam");
    EXPECT_EQ(one.company, "Example");
    EXPECT_EQ(one.probe, probe_id::from(7).value());
    EXPECT_EQ(one.as_v4, 64'500U);
    EXPECT_EQ(one.as_v6, std::nullopt);
    EXPECT_EQ(one.latitude, 52.5);
    EXPECT_EQ(one.longitude, 4.5);
    EXPECT_EQ(judged->entries[1].ports, std::vector<std::uint16_t>{443});
}

TEST_F(anchor_document_test, that_is_not_to_be_published_is_told_why)
{
    using told = std::pair<unsigned, std::string>;
    auto const good = sealed(says_, {&first_, &second_});
    auto const changed = [&](auto change) {
        auto says = says_;
        change(says);
        return sealed(says, {&first_, &second_});
    };
    auto forged = good;
    forged.replace(forged.find("192.0.2.2"), 9, "192.0.2.3");
    auto const few = told{400,
                          "The document is not trusted: it needs good signatures of 2 of the keys that are trusted "
                          "here."};
    EXPECT_EQ(why(good), told(0, ""));
    EXPECT_EQ(why(good, 0), told(0, ""));
    EXPECT_EQ(why(sealed(says_, {&first_})), few);
    EXPECT_EQ(why(sealed(says_, {&first_, &stranger_})), few);
    EXPECT_EQ(why(sealed(says_, {})), few);
    EXPECT_EQ(why(forged),
              told(400, "The document is not trusted: a signature in the name of a trusted key is wrong."));
    EXPECT_EQ(why(good, 7), told(409, "Version 7 is published, and this document is not newer."));
    EXPECT_EQ(why(good, 8), told(409, "Version 8 is published, and this document is not newer."));
    EXPECT_EQ(why(changed([&](auto& says) { says.expires = now_; })), told(400, "The document has expired."));
    EXPECT_EQ(why(changed([](auto& says) { says.name = "firmware"; })),
              told(400, "This is a signed document, and no list of anchors."));
    EXPECT_EQ(why(changed([](auto& says) { says.content = "anchor\n"; })),
              told(400, "What the document holds is no list of anchors."));
    EXPECT_EQ(why(changed([](auto& says) { says.content = "anchor a 80 192.0.2.1\nabout country nl\n"; })),
              told(400, "What the document holds cannot be: anchor \"a\": country is not two capital letters"));
    for (auto const& text : {std::string(), std::string("{}"), good + "x", good.substr(1)})
        EXPECT_EQ(why(text), told(400, "This is no signed document.")) << text;
    EXPECT_EQ(why(std::string(1024 * 1024, 'x')), told(413, "A signed document is not so large."));

    trusted_ = {};
    EXPECT_EQ(why(good),
              told(409, "No keys are trusted here: name them in the section \"trust\" of the API's settings."));
}

TEST(anchor_filter, takes_what_atlas_has)
{
    auto const read = [](std::string_view query) {
        http::request request;
        request.query = http::parse_query(query);
        return parse_anchor_filter(request);
    };
    auto const filter = read("country=NL&search=ams&as_v4=64500&as_v6=64501&nonsense=1&page=2").value();
    EXPECT_EQ(filter.country, "NL");
    EXPECT_EQ(filter.search, "ams");
    EXPECT_EQ(filter.as_v4, 64'500U);
    EXPECT_EQ(filter.as_v6, 64'501U);
    EXPECT_EQ(read("").value().as_v4, std::nullopt);
    for (auto const* wrong : {"as_v4=AS1", "as_v6=-1", "as_v4=4294967296"}) EXPECT_FALSE(read(wrong)) << wrong;
}

}  // namespace
}  // namespace tp::api
