// The driver around the machines: lengths, times, resuming, and what is seen of a target.
#include "firmware-signing/tuf/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "firmware-signing/tuf/growing_file.hpp"
#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/pace.hpp"
#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/base/temporary_folder.hpp"
#include "tests/unit/tuf/repository.hpp"

namespace tp::tuf {
namespace {

using namespace std::chrono_literals;
using test::repository;
using testing::ElementsAre;

constexpr auto for_ever = 10s;  // that is, longer than every limit here

/// How a file is sent.
struct manner {
    std::string octets;
    std::uint64_t begins_at = 0;
    std::size_t piece = 7;    // octets at a time
    error_code ends_with;     // instead of the end of the file
    bool never_ends = false;  // nothing more comes, and no end either
};

class pieces final : public incoming {
public:
    explicit pieces(manner how) : how_(std::move(how)) {}
    std::uint64_t begins_at() const noexcept override { return how_.begins_at; }
    asio::awaitable<result<std::string>> read() override
    {
        auto out = how_.octets.substr(sent_, how_.piece);
        sent_ += out.size();
        if (!out.empty()) co_return out;
        if (how_.never_ends) co_await pause_for(for_ever);
        if (how_.never_ends) co_return errc::unavailable;
        if (how_.ends_with) co_return how_.ends_with;
        co_return std::string();
    }

private:
    manner how_;
    std::size_t sent_ = 0;
};

/// A repository that answers at once, unless a test says otherwise.
class memory_transport final : public transport {
public:
    explicit memory_transport(repository const& from) : from_(from) {}

    asio::awaitable<result<std::unique_ptr<incoming>>> open(part from, std::string file, std::uint64_t offset) override
    {
        asked.push_back(file + (offset > 0 ? " from " + std::to_string(offset) : std::string()));
        if (silent.contains(file)) co_await pause_for(for_ever);
        if (silent.contains(file)) co_return errc::unavailable;
        auto const& files = from == part::metadata ? from_.files : targets;
        auto const found = files.find(file);
        if (found == files.end() && !manners.contains(file)) co_return errc::not_found;
        manner how;
        if (manners.contains(file)) {
            how = manners.at(file);
        } else {
            how.begins_at = ranges ? offset : 0;
            how.octets = found->second.substr(how.begins_at);
        }
        std::unique_ptr<incoming> out = std::make_unique<pieces>(std::move(how));
        co_return result<std::unique_ptr<incoming>>(std::move(out));
    }

    std::map<std::string, std::string> targets;
    std::map<std::string, manner> manners;
    std::set<std::string> silent;
    std::vector<std::string> asked;
    bool ranges = true;

private:
    repository const& from_;
};

class TufClient : public testing::Test {
protected:
    TufClient()
    {
        repository_.add_target("targets", "dir/file", octets_);
        repository_.release({"targets"});
        transport_.targets["dir/" + test::sha256(octets_) + ".file"] = octets_;
        EXPECT_TRUE(begin_with(metadata_, repository_.files["1.root.json"]));
        std::filesystem::create_directory(targets_);
    }

    template <class T>
    result<T> wait(asio::awaitable<result<T>> work)
    {
        asio::io_context io{1};
        result<T> outcome = errc::closed;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr thrown, result<T> done) {
            if (thrown) std::rethrow_exception(thrown);
            outcome = std::move(done);
        });
        io.run();
        return outcome;
    }

    error_code update(limits const& with = {})
    {
        client does(kept_, transport_, with);
        auto const done = wait(does.update(test::now));
        failed_file_ = does.failed_file();
        return done ? error_code() : done.error();
    }

    error_code download(limits const& with = {})
    {
        client does(kept_, transport_, with);
        if (auto const done = wait(does.update(test::now)); !done) return done.error();
        auto const found = wait(does.find("dir/file"));
        if (!found) return found.error();
        transport_.asked.clear();
        auto const fetched = wait(does.fetch(*found, targets_));
        failed_file_ = does.failed_file();
        return fetched ? error_code() : fetched.error();
    }

    std::string shown() const
    {
        auto const read = read_file(targets_ / "dir%2Ffile", 1'000);
        return read ? *read : std::string();
    }

    target_file facts() const
    {
        target_file out;
        out.length = octets_.size();
        out.hashes.sha256 = test::sha256(octets_);
        return out;
    }

    std::string const octets_ = "the octets of a target that is not very long";
    std::string const remote_ = "dir/" + test::sha256(octets_) + ".file";
    tp::test::temporary_folder folder_;
    std::filesystem::path const metadata_ = folder_ / "metadata", targets_ = folder_ / "targets",
                                growing_ = targets_ / ('.' + test::sha256(octets_) + ".part");
    repository repository_;
    metadata_folder kept_{metadata_};
    memory_transport transport_{repository_};
    std::string failed_file_;
};

TEST_F(TufClient, UpdatesFindsAndFetches)
{
    EXPECT_EQ(update(), error_code());
    EXPECT_EQ(download(), error_code());
    EXPECT_EQ(shown(), octets_);
    EXPECT_THAT(transport_.asked, ElementsAre(remote_));
    EXPECT_FALSE(std::filesystem::exists(growing_));
}

TEST_F(TufClient, KeepsTheOctetsThatItReceived)
{
    EXPECT_EQ(update(), error_code());
    EXPECT_EQ(read_file(metadata_ / "timestamp.json", 10'000).value(), repository_.files["timestamp.json"]);
    std::size_t files = 0;
    for (auto const& each : std::filesystem::directory_iterator(metadata_)) files += each.path().extension() == ".json";
    EXPECT_EQ(files, 4U);
}

TEST_F(TufClient, TellsWhichFileFailed)
{
    repository_.files.erase("timestamp.json");
    EXPECT_EQ(update(), errc::not_found);
    EXPECT_EQ(failed_file_, "timestamp.json");
}

TEST_F(TufClient, MetadataBeyondItsLimitIsNotTakenIn)
{
    manner how;
    how.octets = std::string(limits().timestamp + 1, ' ');
    how.piece = 1'000;
    how.never_ends = true;  // whoever asks for more than the limit waits in vain
    transport_.manners["timestamp.json"] = how;
    EXPECT_EQ(update(), refusal::too_large);
}

TEST_F(TufClient, MetadataThatBreaksOffIsNone)
{
    manner how;
    how.octets = repository_.files["timestamp.json"];
    how.ends_with = errc::closed;
    transport_.manners["timestamp.json"] = how;
    EXPECT_EQ(update(), errc::closed);
    how.octets.pop_back();  // the line feed at its end
    how.octets.pop_back();
    how.ends_with = {};
    transport_.manners["timestamp.json"] = how;
    EXPECT_EQ(update(), refusal::malformed);
}

TEST_F(TufClient, MetadataBeginsAtItsBeginning)
{
    manner how;
    how.octets = repository_.files["timestamp.json"];
    how.begins_at = 5;
    transport_.manners["timestamp.json"] = how;
    EXPECT_EQ(update(), errc::malformed);
}

// Times. The limits are short here; nothing is measured.

TEST_F(TufClient, WhoeverDoesNotAnswerIsTooSlow)
{
    limits with;
    with.grace = 0s;
    transport_.silent.insert("timestamp.json");
    EXPECT_EQ(update(with), refusal::too_slow);
}

TEST_F(TufClient, WhoeverStopsInTheMidstIsTooSlow)
{
    limits with;
    with.grace = 1s;
    manner how;
    how.octets = "{";
    how.never_ends = true;
    transport_.manners["timestamp.json"] = how;
    EXPECT_EQ(update(with), refusal::too_slow);
}

TEST_F(TufClient, AllOfAnUpdateHasALimitToo)
{
    limits with;
    with.metadata_in = 0min;
    with.grace = 1h;
    transport_.silent.insert("timestamp.json");
    EXPECT_EQ(update(with), refusal::too_slow);
    EXPECT_EQ(failed_file_, "timestamp.json");
}

TEST_F(TufClient, AllOfASearchAndAllOfAListHaveThatLimitToo)
{
    repository_.delegate("targets", "A", {"*"});
    repository_.add_target("A", "file", octets_);
    repository_.release({"A", "targets"});
    client updated(kept_, transport_);
    ASSERT_TRUE(wait(updated.update(test::now)));
    limits with;
    with.metadata_in = 0min;
    with.grace = 1h;
    client hurried(kept_, transport_, with, updated.trusted());
    transport_.silent.insert("2.A.json");
    EXPECT_EQ(wait(hurried.find("file")).error(), refusal::too_slow);
    EXPECT_EQ(wait(hurried.list()).error(), refusal::too_slow);
    transport_.silent.clear();
    EXPECT_TRUE(wait(updated.find("file")));
    auto const all = wait(updated.list());
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), 2U);
}

TEST_F(TufClient, ATargetThatStopsInTheMidstIsTooSlowAndStays)
{
    limits with;
    with.grace = 1s;
    manner how;
    how.octets = octets_.substr(0, 10);
    how.never_ends = true;
    transport_.manners[remote_] = how;
    EXPECT_EQ(download(with), refusal::too_slow);
    EXPECT_EQ(shown(), "");
    EXPECT_EQ(std::filesystem::file_size(growing_), 10U);
}

TEST(TufPace, GivesTimeForWhatHasCome)
{
    limits with;
    with.grace = 10s;
    with.slowest = 100;
    steady_time const began{};
    pace const p(began, with);
    EXPECT_EQ(p.left(0, began), 10s);
    EXPECT_EQ(p.left(0, began + 10s), 0s);
    EXPECT_EQ(p.left(0, began + 11s), -1s);
    EXPECT_EQ(p.left(100, began + 10s), 1s);
    EXPECT_EQ(p.left(1'000, began + 20s), 0s) << "a hundred octets a second, and not one less";
}

// Targets.

TEST_F(TufClient, ATargetThatIsThereIsNotFetched)
{
    EXPECT_EQ(download(), error_code());
    EXPECT_EQ(download(), error_code());
    EXPECT_THAT(transport_.asked, ElementsAre());
    ASSERT_TRUE(write_atomically(targets_ / "dir%2Ffile", "spoilt"));
    EXPECT_EQ(download(), error_code());
    EXPECT_EQ(shown(), octets_);
}

TEST_F(TufClient, AWrongTargetIsNeverSeen)
{
    for (std::string const& wrong :
         {std::string(octets_.size(), 'x'), octets_ + '!', octets_.substr(1), std::string()}) {
        manner how;
        how.octets = wrong;
        transport_.manners[remote_] = how;
        EXPECT_EQ(download(), wrong.size() == octets_.size() ? refusal::wrong_hash : refusal::wrong_length);
        EXPECT_EQ(shown(), "");
        transport_.manners.clear();
        EXPECT_EQ(download(), error_code()) << "whatever is left of it does no harm";
        EXPECT_EQ(shown(), octets_);
        std::filesystem::remove(targets_ / "dir%2Ffile");
    }
}

TEST_F(TufClient, AnEndlessTargetIsCutAtItsLength)
{
    manner how;
    how.octets = octets_ + std::string(1'000, 'x');
    how.never_ends = true;
    transport_.manners[remote_] = how;
    EXPECT_EQ(download(), refusal::wrong_length);
    EXPECT_LE(std::filesystem::file_size(growing_), octets_.size());
}

TEST_F(TufClient, WhatCameBeforeIsGoneOnWith)
{
    manner how;
    how.octets = octets_.substr(0, 21);
    how.ends_with = errc::closed;
    transport_.manners[remote_] = how;
    EXPECT_EQ(download(), errc::closed);
    transport_.manners.clear();
    EXPECT_EQ(download(), error_code());
    EXPECT_THAT(transport_.asked, ElementsAre(remote_ + " from 21"));
    EXPECT_EQ(shown(), octets_);
}

TEST_F(TufClient, WhoeverCannotGoOnBeginsAnew)
{
    ASSERT_TRUE(write_atomically(growing_, octets_.substr(0, 21)));
    transport_.ranges = false;
    EXPECT_EQ(download(), error_code());
    EXPECT_THAT(transport_.asked, ElementsAre(remote_ + " from 21"));
    EXPECT_EQ(shown(), octets_);
}

TEST_F(TufClient, ATargetBeginsWhereItWasAskedToOrAtItsBeginning)
{
    ASSERT_TRUE(write_atomically(growing_, octets_.substr(0, 21)));
    manner how;
    how.octets = octets_.substr(20);
    how.begins_at = 20;
    transport_.manners[remote_] = how;
    EXPECT_EQ(download(), errc::malformed);
}

TEST_F(TufClient, AWrongBeginningIsFetchedAgain)
{
    for (std::string const& before :
         {std::string(21, 'x'), std::string(octets_.size(), 'x'), std::string(1'000, 'x')}) {
        ASSERT_TRUE(write_atomically(growing_, before));
        EXPECT_EQ(download(), error_code()) << before.size();
        EXPECT_EQ(transport_.asked.back(), remote_);
        EXPECT_EQ(shown(), octets_);
        std::filesystem::remove(targets_ / "dir%2Ffile");
    }
}

TEST_F(TufClient, AllOfATargetThatWasNotShownIsShown)
{
    ASSERT_TRUE(write_atomically(growing_, octets_));
    EXPECT_EQ(download(), error_code());
    EXPECT_THAT(transport_.asked, ElementsAre());
    EXPECT_EQ(shown(), octets_);
}

TEST_F(TufClient, ATargetWithAHashOfAnUnknownKindIsNotFetched)
{
    repository_.says("targets")["targets"]["dir/file"]["hashes"]["blake2b-256"] = "00";
    repository_.release({"targets"});
    EXPECT_EQ(download(), refusal::unknown_hash);
    EXPECT_THAT(transport_.asked, ElementsAre());
}

TEST_F(TufClient, EveryHashOfATargetCounts)
{
    auto& hashes = repository_.says("targets")["targets"]["dir/file"]["hashes"];
    hashes["sha512"] = test::sha512("another");
    repository_.release({"targets"});
    EXPECT_EQ(download(), refusal::wrong_hash);
    hashes["sha512"] = test::sha512(octets_);
    repository_.release({"targets"});
    EXPECT_EQ(download(), error_code());
}

TEST_F(TufClient, AnEmptyTargetNeedsNoOctets)
{
    repository_.add_target("targets", "dir/file", "");
    repository_.release({"targets"});
    EXPECT_EQ(download(), error_code());
    EXPECT_TRUE(std::filesystem::exists(targets_ / "dir%2Ffile"));
}

TEST_F(TufClient, AFolderThatIsNotThereIsTold)
{
    std::filesystem::remove_all(targets_);
    EXPECT_EQ(download(), boost::system::errc::no_such_file_or_directory);
    EXPECT_EQ(failed_file_, "dir/file");
}

TEST_F(TufClient, AFileIsHeldAgainstATarget)
{
    ASSERT_TRUE(write_atomically(targets_ / "a", octets_));
    EXPECT_TRUE(check_file(targets_ / "a", facts()));
    ASSERT_TRUE(write_atomically(targets_ / "a", octets_ + '!'));
    EXPECT_EQ(check_file(targets_ / "a", facts()).error(), refusal::wrong_length);
    std::filesystem::create_symlink(targets_ / "a", targets_ / "b");
    EXPECT_FALSE(check_file(targets_ / "b", facts())) << "a link is no file of ours";
}

// The folder of trusted metadata.

TEST_F(TufClient, ARootIsPutIntoAFolderOnce)
{
    auto const folder = folder_ / "new" / "metadata";
    auto const& octets = repository_.files["1.root.json"];
    EXPECT_EQ(begin_with(folder, "{}").error(), refusal::malformed);
    EXPECT_FALSE(std::filesystem::exists(folder));
    EXPECT_TRUE(begin_with(folder, octets));
    EXPECT_TRUE(begin_with(folder, octets));
    repository_.publish_next("root");
    EXPECT_EQ(begin_with(folder, repository_.files["2.root.json"]).error(), errc::conflict);
    EXPECT_EQ(read_file(folder / "root.json", 10'000).value(), octets);
}

TEST_F(TufClient, TheFolderLoadsSavesAndForgets)
{
    EXPECT_EQ(kept_.load("a.json", 10).error(), errc::not_found);
    EXPECT_TRUE(kept_.save("a.json", "octets"));
    EXPECT_EQ(kept_.load("a.json", 6).value(), "octets");
    EXPECT_EQ(kept_.load("a.json", 5).error(), errc::too_large);
    EXPECT_TRUE(kept_.forget("a.json"));
    EXPECT_TRUE(kept_.forget("a.json"));
    EXPECT_EQ(kept_.load("a.json", 10).error(), errc::not_found);
    metadata_folder nowhere(folder_ / "nowhere");
    EXPECT_EQ(nowhere.save("a.json", "octets").error(), boost::system::errc::no_such_file_or_directory);
    EXPECT_FALSE(nowhere.forget("a.json"));
}

}  // namespace
}  // namespace tp::tuf
