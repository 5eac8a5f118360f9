#include "firmware-signing/control/contents.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "firmware-signing/refusal.hpp"

namespace tp::control {
namespace {

TEST(contents, are_found_by_their_names)
{
    for (auto const each : all_contents) {
        EXPECT_EQ(content_named(name_of(each)), each);
        EXPECT_EQ(path_of(each), "control/" + std::string(name_of(each)));
    }
    EXPECT_EQ(content_named("directors"), std::nullopt);
    EXPECT_EQ(content_named("control/hosts"), std::nullopt);
}

TEST(contents, are_what_their_names_promise)
{
    std::string const key = "key ed25519:" + std::string(64, 'a') + '\n', prefix = "192.0.2.0/24\n",
                      anchor = "anchor a.net 80 192.0.2.1\n",
                      hosts = "registry a.net:1\nregistry-key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" +
                              std::string(43, 'A') + '\n';
    struct row {
        content which;
        std::string right;
    };
    row const all[] = {{content::director, key},
                       {content::hosts, hosts},
                       {content::anchors, anchor},
                       {content::opt_out, prefix},
                       {content::special_purpose, prefix}};
    for (auto const& of : all)
        for (auto const& with : all)
            EXPECT_EQ(check(of.which, with.right).has_value(), of.right == with.right)
                << name_of(of.which) << ": " << with.right;
}

/// An anchor about which so many octets are said, 2 to 400.
std::string anchor_of(int number, std::size_t said)
{
    auto const first = std::min<std::size_t>(said - 1, 200);
    return "anchor a" + std::to_string(number) + ".net 80 192.0.2.1\nabout a " + std::string(first, 'x') +
           "\nabout b " + std::string(said - first, 'x') + '\n';
}

TEST(contents, have_a_largest_size)
{
    std::string list;
    int number = 1'000;
    auto const longest = anchor_of(number, 400).size(), shortest = anchor_of(number, 2).size();
    auto const left = [&] { return largest_content - list.size(); };
    while (left() >= longest + shortest) list += anchor_of(number++, 400);
    if (left() > longest) list += anchor_of(number++, 2);
    list += anchor_of(number++, left() - shortest + 2);
    ASSERT_EQ(list.size(), largest_content);
    EXPECT_TRUE(check(content::anchors, list));
    EXPECT_EQ(check(content::anchors, list + "anchor b.net 80 192.0.2.1\n").error(), signing::refusal::too_large);
}

}  // namespace
}  // namespace tp::control
