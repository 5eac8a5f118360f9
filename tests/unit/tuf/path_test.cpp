#include <gtest/gtest.h>

#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/path_pattern.hpp"
#include "firmware-signing/tuf/utf8.hpp"
#include "tests/unit/tuf/test_key.hpp"

namespace tp::tuf {
namespace {

TEST(TufPath, PatternsMatchAsGlobDoes)
{
    struct row {
        std::string_view pattern, path;
        bool expected;
    };
    for (auto const& [pattern, path, expected] : {
             // those of the specification
             row{"targets/*.tgz", "targets/foo.tgz", true},
             row{"targets/*.tgz", "targets/bar.tgz", true},
             row{"targets/*.tgz", "targets/foo.txt", false},
             row{"foo-version-?.tgz", "foo-version-2.tgz", true},
             row{"foo-version-?.tgz", "foo-version-a.tgz", true},
             row{"foo-version-?.tgz", "foo-version-alpha.tgz", false},
             row{"*.tgz", "foo.tgz", true},
             row{"*.tgz", "targets/foo.tgz", false},
             row{"foo.tgz", "foo.tgz", true},
             row{"foo.tgz", "Foo.tgz", false},
             row{"foo.tgz", "foo.tgz2", false},
             row{"foo.tgz", "afoo.tgz", false},
             // nothing stands for a "/"
             row{"*", "a/b", false},
             row{"a*b", "a/b", false},
             row{"a?b", "a/b", false},
             row{"a[/]b", "a/b", false},
             row{"a[!x]b", "a/b", false},
             row{"*/*", "a/b", true},
             row{"*/*", "a/b/c", false},
             row{"*/", "a/", true},
             row{"*", "", true},
             row{"", "", true},
             row{"", "a", false},
             row{"a", "", false},
             row{"?", "", false},
             // stars that have to try again
             row{"*a*b", "xaxbxab", true},
             row{"*ab", "aab", true},
             row{"a*b*c/d*e", "axbxxc/dde", true},
             row{"a*b*c/d*e", "axbxx/dde", false},
             row{"**", "abc", true},
             row{"*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
             // characters in brackets
             row{"[abc]", "b", true},
             row{"[abc]", "d", false},
             row{"[a-c]x", "bx", true},
             row{"[a-c]x", "dx", false},
             row{"[!a-c]", "d", true},
             row{"[!a-c]", "b", false},
             row{"[]a]", "]", true},
             row{"[]a]", "b", false},
             row{"[!]a]", "]", false},
             row{"[a-]", "-", true},
             row{"[", "[", true},
             row{"[a", "[a", true},
             row{"[]", "[]", true},
             row{"[a/b]", "[a/b]", true},
             row{"[a/b]", "a", false},
             // what is special elsewhere
             row{"\\*", "\\x", true},
             row{"\\*", "*", false},
             row{"*", ".hidden", true},
             row{"{a,b}", "a", false},
             row{"?", "\xc3\xa9", true},
             row{"[\xc3\xa0-\xc3\xbf]", "\xc3\xa9", true},
             row{"??", "\xc3\xa9", false},
             row{"*", "\xff", false},
         }) {
        SCOPED_TRACE(std::string(pattern) + " and " + std::string(path));
        EXPECT_EQ(matches(pattern, path), expected);
    }
}

TEST(TufPath, ASetCoversByPatternsOrByHashes)
{
    EXPECT_FALSE((path_set{}).covers("a")) << "a role that is trusted with nothing";
    path_set const patterns{{"x/*", "a"}, {}};
    EXPECT_TRUE(patterns.covers("a") && patterns.covers("x/y"));
    EXPECT_FALSE(patterns.covers("b"));
    auto const hash = test::sha256("some/path");
    EXPECT_TRUE((path_set{{}, {"zz", hash.substr(0, 3)}}).covers("some/path"));
    EXPECT_TRUE((path_set{{}, {hash}}).covers("some/path"));
    EXPECT_TRUE((path_set{{}, {""}}).covers("some/path")) << "every hash begins so";
    EXPECT_FALSE((path_set{{}, {hash.substr(1, 3)}}).covers("some/path"));
    EXPECT_FALSE((path_set{{}, {hash + '0'}}).covers("some/path"));
}

TEST(TufPath, NamesOfRolesBecomeNamesOfFilesInThisFolder)
{
    EXPECT_EQ(file_of("targets"), "targets.json");
    EXPECT_EQ(file_of("a-B_c.d~9"), "a-B_c.d~9.json");
    EXPECT_EQ(file_of("?"), "%3F.json");
    EXPECT_EQ(file_of("#"), "%23.json");
    EXPECT_EQ(file_of("/delegatedrole"), "%2Fdelegatedrole.json");
    EXPECT_EQ(file_of("../delegatedrole"), "..%2Fdelegatedrole.json");
    EXPECT_EQ(file_of("100%"), "100%25.json");
    EXPECT_EQ(file_of("\xc3\xa9 "), "%C3%A9%20.json");
    EXPECT_EQ(remote_file_of("a/b", 12, true), "12.a%2Fb.json");
    EXPECT_EQ(remote_file_of("a/b", 12, false), "a%2Fb.json");
}

TEST(TufPath, TargetsAreNamedByTheirHashesAtTheRepository)
{
    target_file facts;
    facts.hashes.sha256 = test::sha256("x");
    EXPECT_EQ(remote_target("a.bin", facts, true), test::sha256("x") + ".a.bin");
    EXPECT_EQ(remote_target("dir/sub/a.bin", facts, true), "dir/sub/" + test::sha256("x") + ".a.bin");
    EXPECT_EQ(remote_target("dir/sub/a.bin", facts, false), "dir/sub/a.bin");
    facts.hashes.sha512 = test::sha512("x");
    EXPECT_EQ(remote_target("a", facts, true), test::sha256("x") + ".a");
    facts.hashes.sha256.reset();
    EXPECT_EQ(remote_target("a", facts, true), test::sha512("x") + ".a");
}

TEST(TufPath, TargetsAreVisibleFilesOfOneFolderHere)
{
    EXPECT_EQ(local_target("a.bin"), "a.bin");
    EXPECT_EQ(local_target("path/to/a.bin"), "path%2Fto%2Fa.bin");
    EXPECT_EQ(local_target("../../etc/passwd"), "%2E.%2F..%2Fetc%2Fpasswd");
    EXPECT_EQ(local_target(".hidden"), "%2Ehidden");
    EXPECT_EQ(local_target(".."), "%2E.");
    auto const longest = std::string(200, 'a'), longer = longest + 'a';
    EXPECT_EQ(local_target(longest), longest);
    EXPECT_EQ(local_target(longer), std::string(100, 'a') + '#' + test::sha256(longer));
    target_file facts;
    facts.hashes.sha512 = test::sha512("x");
    EXPECT_TRUE(growing_target(facts).starts_with('.'));
    EXPECT_FALSE(growing_target(facts).ends_with(".json"));
}

TEST(TufPath, CharactersAreWrittenAsTheyAreRead)
{
    for (std::uint32_t const character :
         {0x20U, 0x7fU, 0x80U, 0x7ffU, 0x800U, 0xd7ffU, 0xe000U, 0xffffU, 0x10000U, 0x10ffffU}) {
        std::string octets;
        append_utf8(character, octets);
        std::string_view text = octets;
        EXPECT_EQ(take_character(text), character);
        EXPECT_TRUE(text.empty());
    }
}

}  // namespace
}  // namespace tp::tuf
