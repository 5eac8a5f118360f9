#include "firmware-signing/repository/content.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware-signing/repository/bill_of_materials.hpp"
#include "firmware-signing/repository/canonical.hpp"
#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/repository/officers.hpp"

namespace tp::repository {
namespace {

result<content> reread(std::string const& text)
{
    auto const document = tuf::json::document::read(text);
    if (!document) return document.error();
    return read_content(document->root());
}

std::vector<content> one_of_each()
{
    auto const wish = usual_plan();
    release_content releases{{3, some_day}, "deb-amd64", "stable", {some_release(1), some_release(7, 2, 1)}};
    releases.releases.back().hardware = {"rev-a", "rev-b"};
    auto more = wish;
    more.control = role_holders{{"ann", "bob", "eve"}, 2};
    control_content control{{2, some_day},
                            {some_control(control::content::director), some_control(control::content::hosts)}};
    return {prepare_root(wish, nullptr, some_day).made->says(), prepare_targets(wish, nullptr, some_day).made->says(),
            releases, prepare_targets(more, nullptr, some_day).made->says(), control};
}

TEST(content, is_read_as_it_was_written)
{
    for (auto const& each : one_of_each()) {
        auto const text = write(each);
        auto const again = reread(text);
        ASSERT_TRUE(again) << text;
        EXPECT_EQ(*again, each);
        auto const document = tuf::json::document::read(text);
        EXPECT_EQ(document->root().canonical(), text);
    }
}

TEST(content, is_what_clients_read)
{
    auto const all = one_of_each();
    auto const root_text = write(all[0]), targets_text = write(all[1]), releases_text = write(all[2]);
    auto const root = tuf::read_root(tuf::json::document::read(root_text)->root());
    ASSERT_TRUE(root);
    EXPECT_TRUE(root->consistent_snapshot);
    EXPECT_EQ(root->root_keys.threshold, 3U);
    EXPECT_EQ(root->root_keys.keys.size(), 5U);
    auto const targets = tuf::read_targets(tuf::json::document::read(targets_text)->root());
    ASSERT_TRUE(targets);
    ASSERT_EQ(targets->delegations.size(), 1U);
    EXPECT_TRUE(targets->delegations[0].terminating);
    EXPECT_TRUE(targets->delegations[0].paths.covers("deb-amd64/stable/probe-1.deb"));
    EXPECT_FALSE(targets->delegations[0].paths.covers("deb-amd64/beta/probe-1.deb"));
    auto const releases = tuf::read_targets(tuf::json::document::read(releases_text)->root());
    ASSERT_TRUE(releases);
    EXPECT_EQ(releases->files.size(), 4U);
    auto const more_text = write(all[3]), control_text = write(all[4]);
    auto const more = tuf::read_targets(tuf::json::document::read(more_text)->root());
    ASSERT_TRUE(more);
    ASSERT_EQ(more->delegations.size(), 2U);
    EXPECT_EQ(more->delegations[1].name, "control");
    EXPECT_TRUE(more->delegations[1].terminating);
    EXPECT_EQ(more->delegations[1].keys.threshold, 2U);
    EXPECT_TRUE(more->delegations[1].paths.covers("control/hosts"));
    EXPECT_FALSE(more->delegations[1].paths.covers("deb-amd64/stable/probe-1.deb"));
    auto const control = tuf::read_targets(tuf::json::document::read(control_text)->root());
    ASSERT_TRUE(control);
    EXPECT_TRUE(control->files.contains("control/director"));
}

TEST(content, with_anything_that_would_not_be_shown_is_refused)
{
    for (auto const& each : one_of_each()) {
        auto const text = write(each);
        for (auto const* more : {R"("zzz":1,)", R"("custom":{},)", R"("hidden":{"a":[]},)"})
            EXPECT_FALSE(reread("{" + std::string(more) + text.substr(1))) << text;
        for (auto const& [from, to] :
             {std::pair{"\"control/hosts\"", "\"control/guests\""}, std::pair{"\"control/hosts\"", "\"x/hosts\""},
              std::pair{"\"kind\":\"control\"", "\"kind\":\"firmware\""}, std::pair{"control/*", "control/h*"},
              std::pair{"\"role\":\"control\"", "\"role\":\"control.x\""}, std::pair{"\"version\":", "\"versions\":"},
              std::pair{"1.0.34", "1.0.33"}, std::pair{"\"expires\":\"20", "\"expires\":\"90"},
              std::pair{"\"ed25519\"", "\"rsa\""}, std::pair{"stable/*", "*"},
              std::pair{"\"kind\":\"sbom\"", "\"kind\":\"x\""},
              std::pair{"\"terminating\":true", "\"terminating\":false"}}) {
            auto changed = text;
            auto const at = changed.find(from);
            if (at == changed.npos) continue;
            changed.replace(at, std::string_view(from).size(), to);
            EXPECT_FALSE(reread(changed)) << changed;
        }
    }
    EXPECT_EQ(reread(write_snapshot({1, some_day}, {})).error(), tuf::refusal::wrong_type);
}

TEST(content, has_so_many_of_each_at_most)
{
    release_content releases{{3, some_day}, "deb-amd64", "stable", {some_release(1)}};
    auto& hardware = releases.releases.front().hardware;
    for (std::size_t i = 0; i < most_hardware; ++i) hardware.push_back("rev" + std::to_string(100 + i));
    EXPECT_TRUE(reread(write(content(releases))));
    hardware.push_back("rev999");
    EXPECT_EQ(reread(write(content(releases))).error(), tuf::refusal::malformed);

    auto targets = std::get<targets_content>(prepare_targets(usual_plan(), nullptr, some_day).made->says());
    auto const signers = targets.channels.front().signers;
    for (std::size_t i = targets.channels.size(); i < most_channels; ++i)
        targets.channels.push_back({"deb-amd64", "z" + std::to_string(1'000 + i), signers});
    targets.control = signers;
    EXPECT_TRUE(reread(write(content(targets)))) << "and what probes are told besides";
    targets.channels.push_back({"deb-amd64", "zz", signers});
    EXPECT_EQ(reread(write(content(targets))).error(), tuf::refusal::malformed);
}

TEST(content, has_so_many_holders_at_most)
{
    auto root = std::get<root_content>(prepare_root(usual_plan(), nullptr, some_day).made->says());
    for (std::size_t i = root.holders.size(); i < most_holders; ++i) {
        auto const name = "h" + std::to_string(i);
        root.holders.emplace(name, key_of(name).shared);
    }
    EXPECT_TRUE(reread(write(content(root))));
    root.holders.emplace("more", key_of("more").shared);
    EXPECT_EQ(reread(write(content(root))).error(), tuf::refusal::malformed);
}

TEST(names, are_plain)
{
    EXPECT_TRUE(is_word("deb-amd64"));
    EXPECT_TRUE(is_word("sw-x86_64"));
    for (auto const* bad :
         {"", "-a", "_a", "A", "a b", "a.b", "a/b", "../x", "\xc3\xa9", "123456789012345678901234567890123"})
        EXPECT_FALSE(is_word(bad)) << bad;
    EXPECT_TRUE(is_file_name("trigpoint-probe_1.2.3~rc1+b2_amd64.deb"));
    EXPECT_TRUE(is_file_name(std::string(longest_file_name, 'x')));
    for (auto const& bad : {std::string(), std::string(".hidden"), std::string("a/b"), std::string("a*"),
                            std::string("a\nb"), std::string(longest_file_name + 1, 'x')})
        EXPECT_FALSE(is_file_name(bad)) << bad;
}

TEST(canonical_writing, escapes_two_characters_and_sorts_members)
{
    canonical_object out;
    out.text("b", R"(a"b\c)").number("a", 7).flag("c", false);
    EXPECT_EQ(out.str(), R"({"a":7,"b":"a\"b\\c","c":false})");
    EXPECT_EQ(canonical_object().str(), "{}");
    EXPECT_EQ(canonical_array({}), "[]");
    EXPECT_EQ(canonical_texts({"x", "y"}), R"(["x","y"])");
}

TEST(bill_of_materials, is_cyclone_dx)
{
    auto const read = read_bill(R"({"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":[{},{}]})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->specification, "1.5");
    EXPECT_EQ(read->components, 2U);
    for (auto const* bad : {"", "{}", "[]", R"({"bomFormat":"SPDX","specVersion":"1.5","components":[]})",
                            R"({"bomFormat":"CycloneDX","specVersion":2,"components":[]})",
                            R"({"bomFormat":"CycloneDX","specVersion":"1.5"})",
                            R"({"bomFormat":"CycloneDX","specVersion":"1.5","components":{}})"})
        EXPECT_EQ(read_bill(bad).error(), errc::malformed) << bad;
}

TEST(bill_of_materials, has_so_many_octets_at_most)
{
    std::string text = R"({"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":[]})";
    text.resize(largest_bill, ' ');
    EXPECT_TRUE(read_bill(text));
    text += ' ';
    EXPECT_EQ(read_bill(text).error(), errc::too_large);
}

}  // namespace
}  // namespace tp::repository
