#include "api/firmware/leftovers.hpp"

#include <gmock/gmock.h>

namespace tp::api {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr wall_time now{std::chrono::hours{500'000}};

/// Files that have lain there for long, and what of them may go.
class leftovers_test : public testing::Test {
protected:
    leftovers_test() { needs_.settled = now - 168h; }

    void there(std::string path, std::string sha256 = std::string(32, 'h'), wall_time stored = now - 1000h)
    {
        auto const id = store::firmware_file_id::from(static_cast<std::int64_t>(all_.size()) + 1).value();
        all_.push_back({id, std::move(path), 1, std::move(sha256), stored});
    }
    std::vector<std::string> may_go()
    {
        std::vector<std::string> out;
        for (auto const& each : leftovers(all_, needs_)) out.push_back(each.path);
        return out;
    }

    std::vector<store::firmware_file> all_;
    repository_needs needs_;
};

TEST_F(leftovers_test, metadata_that_is_named_stays_and_other_versions_go)
{
    for (auto const* path : {"metadata/1.snapshot.json", "metadata/2.snapshot.json", "metadata/1.deb-amd64.stable.json",
                             "metadata/2.deb-amd64.stable.json", "metadata/1.targets.json"})
        there(path);
    needs_.named.metadata = {"2.snapshot.json", "2.deb-amd64.stable.json", "1.targets.json"};
    EXPECT_THAT(may_go(), ElementsAre("metadata/1.snapshot.json", "metadata/1.deb-amd64.stable.json"));
}

TEST_F(leftovers_test, roots_and_what_has_no_version_stay_though_nobody_names_them)
{
    for (auto const* path : {"metadata/1.root.json", "metadata/51.root.json", "metadata/timestamp.json",
                             "metadata/snapshot.json", "metadata/.json", "metadata/12", "metadata/a/1.targets.json"})
        there(path);
    EXPECT_THAT(may_go(), IsEmpty());
    there("metadata/1.root.json.json");
    there("metadata/1.x.root.json");
    EXPECT_THAT(may_go(), ElementsAre("metadata/1.root.json.json", "metadata/1.x.root.json")) << "no roots";
}

TEST_F(leftovers_test, targets_that_nobody_names_go)
{
    for (auto const* path : {"targets/a/h1.x", "targets/a/h2.x", "targets/plain"}) there(path);
    needs_.named.targets = {"a/h2.x", "a/x"};
    needs_.named.metadata = {"a/h1.x", "plain"};
    EXPECT_THAT(may_go(), ElementsAre("targets/a/h1.x", "targets/plain"));
}

TEST_F(leftovers_test, what_a_rollout_wants_stays_of_the_content_that_was_looked_up)
{
    std::string const one(32, '1'), two(32, '2');
    there("targets/a/h1.x", one);
    there("targets/a/h2.x", two);
    there("targets/b/h1.x", one);
    needs_.wanted = {{"a/x", two}};
    EXPECT_THAT(may_go(), ElementsAre("targets/a/h1.x", "targets/b/h1.x"));
}

TEST_F(leftovers_test, what_a_draft_wants_that_nobody_has_looked_up_stays_of_any_content)
{
    there("targets/a/h1.x", std::string(32, '1'));
    there("targets/a/h2.x", std::string(32, '2'));
    there("targets/a/h2.y", std::string(32, '2'));
    needs_.wanted = {{"a/x", ""}};
    EXPECT_THAT(may_go(), ElementsAre("targets/a/h2.y"));
}

TEST_F(leftovers_test, a_name_with_several_points_loses_its_hash_alone)
{
    there("targets/a/h1.probe_2.deb", std::string(32, '1'));
    needs_.wanted = {{"a/probe_2.deb", ""}};
    EXPECT_THAT(may_go(), IsEmpty());
}

TEST_F(leftovers_test, what_was_stored_lately_may_be_of_a_publication_under_way)
{
    there("targets/h1.old", "", needs_.settled);
    there("targets/h2.new", "", needs_.settled + 1s);
    there("metadata/9.targets.json", "", now);
    EXPECT_THAT(may_go(), ElementsAre("targets/h1.old"));
    needs_.settled = {};
    EXPECT_THAT(may_go(), IsEmpty()) << "nobody knows";
}

}  // namespace
}  // namespace tp::api
