#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "firmware-signing/lines.hpp"
#include "store/firmware_files.hpp"
#include "tests/unit/api/service_fixture.hpp"

namespace tp::api {
namespace {

using verb = http::method;

constexpr auto files = "/api/v2/firmware/files/";
constexpr auto hash_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr auto hash_of_a_million_times_a = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

class firmware_test : public service_fixture {
protected:
    http::response put(std::string const& path, std::size_t offset, std::size_t size, std::string const& sha256,
                       std::string octets, std::string const& key)
    {
        return ask(verb::put,
                   files + ("?path=" + path) + "&offset=" + std::to_string(offset) + "&size=" + std::to_string(size) +
                       "&sha256=" + sha256,
                   std::move(octets), key);
    }
    std::vector<std::string> paths(std::string const& query = "")
    {
        std::vector<std::string> out;
        auto const found = expect(200, ask(verb::get, files + query, "", admin_));
        for (auto const& each : found.at("results").as_array()) out.emplace_back(each.at("path").as_string());
        return out;
    }
};

TEST_F(firmware_test, files_are_taken_part_by_part_and_listed_when_they_are_whole)
{
    // The hash is a test vector of FIPS 180-2.
    constexpr std::size_t part = store::largest_firmware_part, size = 1'000'000;
    auto const first =
        expect(200, put("targets/a%2525b", 0, size, hash_of_a_million_times_a, std::string(part, 'a'), admin_));
    EXPECT_EQ(first.at("whole"), false);
    EXPECT_TRUE(paths().empty());
    auto const last = expect(
        201, put("targets/a%2525b", part, size, hash_of_a_million_times_a, std::string(size - part, 'a'), admin_));
    EXPECT_EQ(last.at("whole"), true);
    EXPECT_EQ(last.at("path"), "targets/a%25b") << "decoded once";
    auto const all = expect(200, ask(verb::get, files, "", admin_));
    EXPECT_EQ(all.at("count"), 1);
    EXPECT_EQ(all.at("results").at(0).at("size"), size);
    EXPECT_EQ(all.at("results").at(0).at("sha256"), hash_of_a_million_times_a);
}

TEST_F(firmware_test, files_are_published_by_administrators_alone)
{
    expect(403, put("targets/a", 0, 3, hash_of_abc, "abc", ""));
    expect(403, put("targets/a", 0, 3, hash_of_abc, "abc", user_));
    expect(403, ask(verb::get, files));
    expect(403, ask(verb::get, files, "", user_));
    EXPECT_TRUE(paths().empty());
    expect(201, put("targets/a", 0, 3, hash_of_abc, "abc", admin_));
    expect(201, put("targets/b", 0, 3, hash_of_abc, "abc", admin_));
    EXPECT_EQ(paths("?page_size=1&page=2"), std::vector<std::string>{"targets/b"});
}

TEST_F(firmware_test, what_has_no_form_is_refused)
{
    for (auto const* path : {"", "targets/", "targets/../a", "/targets/a", "etc/passwd", "targets//a"})
        expect(400, put(path, 0, 3, hash_of_abc, "abc", admin_));
    expect(400, put("targets/a", 0, 3, "", "abc", admin_));
    expect(400, put("targets/a", 0, 3, std::string(64, 'A'), "abc", admin_));
    expect(400, put("targets/a", 0, 4, hash_of_abc, "abc", admin_));
    expect(400, put("targets/a", 1, 3, hash_of_abc, "bc", admin_));
    expect(400, put("targets/a", 0, 3, hash_of_abc, "", admin_));
    expect(400, ask(verb::put, std::string(files) + "?path=targets/a&sha256=" + hash_of_abc, "abc", admin_));
    expect(413, put("targets/a", 0, store::largest_firmware_file + 1, hash_of_abc, "abc", admin_));
    auto const other = expect(400, put("targets/a", 0, 3, hash_of_abc, "abd", admin_));
    EXPECT_EQ(other.at("error").at("errors").at(0).at("detail"),
              "The file is whole, and not what `sha256` says: it is forgotten.");
    EXPECT_TRUE(paths().empty());
}

TEST_F(firmware_test, nothing_that_is_there_is_changed)
{
    expect(201, put("metadata/1.root.json", 0, 3, hash_of_abc, "abc", admin_));
    expect(201, put("metadata/1.root.json", 0, 3, hash_of_abc, "abc", admin_));
    expect(409, put("metadata/1.root.json", 0, 2, hash_of_abc, "ab", admin_));
}

}  // namespace
}  // namespace tp::api
