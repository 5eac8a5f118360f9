// Whatever happens at whichever call into the file system: something is started afterwards, nothing that is older than
// the floor or was not signed is ever started, no trial is made more often than it may, and simply going on succeeds.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>

#include "probe/firmware/changing.hpp"
#include "probe/firmware/partition_contents.hpp"
#include "tests/unit/slots/model_disk.hpp"
#include "tests/unit/slots/releases.hpp"

namespace tp::firmware::test {
namespace {

constexpr unsigned most_tries = 3;
constexpr std::size_t block = 32;  // octets, so that a program is read and written in parts

/// The life of a probe: updated, committed, updated to a release that ends at once, and to one that is never committed.
class life {
public:
    life(model_disk& on, slot_places const& where) : on_(on), where_(where), slots_(on, where, block) {}

    /// Step after step until the end or a step that did not do well. False: not at the end.
    bool go_on()
    {
        using step = bool (life::*)();
        static constexpr step steps[] = {
            &life::install_first, &life::run_first, &life::update_to_17, &life::try_and_commit, &life::run_committed,
            &life::update_to_18,  &life::fall_back, &life::update_to_19, &life::give_up_19,     &life::run_committed};
        for (; done_ < std::size(steps); ++done_) {
            step const next = steps[done_];
            if (!(this->*next)()) return false;
        }
        return true;
    }

    /// A start, held against what may be started. The release, or none.
    std::optional<prepared_start> start()
    {
        auto prepared = prepare_start(slots_, most_tries);
        if (!prepared) return std::nullopt;
        auto const release = prepared->program.content.release;
        EXPECT_EQ(lies_in(prepared->which, release), program_of(release)) << "not what was signed";
        if (where_.partitions) expect_copy(*prepared->program.file, release);
        EXPECT_GE(release, floor_) << "older than the floor";
        trials_[release] += prepared->trial ? 1 : 0;
        EXPECT_LE(trials_[release], most_tries) << release;
        running_ = prepared->which;
        return std::move(*prepared);
    }

    bool has_first() const noexcept { return done_ > 0; }
    slots_on_disk& slots() noexcept { return slots_; }

private:
    /// What runs is a copy: it is to be the program, too.
    static void expect_copy(readable& copy, std::uint64_t release)
    {
        std::string octets;
        for (auto part = copy.read(block); part && !part->empty(); part = copy.read(block)) octets += *part;
        EXPECT_EQ(octets, program_of(release)) << "not what was signed";
    }
    std::string lies_in(slot which, std::uint64_t release)
    {
        auto const octets = on_.content(slots_.contents().program(which, release)).value_or("");
        if (!where_.partitions) return octets;
        return octets.substr(partition_contents::head_size, program_of(release).size());
    }
    bool install(std::uint64_t release, std::uint64_t floor)
    {
        auto const done = firmware::install(slots_, offer_of(release, floor), here, running_,
                                            [&] { return on_.open("/fetched/" + std::to_string(release)); });
        return done.why == cause::none;
    }
    bool commit(slot which, std::uint64_t release, std::uint64_t floor)
    {
        if (!firmware::commit(slots_, which, release)) return false;
        floor_ = floor;
        return true;
    }

    bool install_first() { return install(16, 10); }
    bool run_first()
    {
        auto const started = start();
        return started && commit(started->which, 16, 10);
    }
    bool update_to_17() { return install(17, 17); }
    bool try_and_commit()
    {
        auto const started = start();
        return started && started->program.content.release == 17 && commit(started->which, 17, 17);
    }
    bool run_committed()
    {
        auto const started = start();
        return started && started->program.content.release == 17 && !started->trial;
    }
    bool update_to_18() { return install(18, 17); }
    bool fall_back()
    {
        for (unsigned i = 0; i <= most_tries; ++i) {
            auto const started = start();
            if (!started) return false;
            if (started->program.content.release == 17) return started->counted;
        }
        ADD_FAILURE() << "18 is tried for ever";
        return true;
    }
    bool update_to_19() { return install(19, 17); }
    bool give_up_19()
    {
        auto const started = start();
        if (!started) return false;
        auto const known = slots_.load();
        if (known && known->state.last_failure == failure{19, cause::not_committed}) return true;
        if (started->program.content.release != 19) return false;
        return firmware::give_up(slots_, started->which, 19, cause::not_committed).has_value();
    }

    model_disk& on_;
    slot_places where_;
    slots_on_disk slots_;
    std::size_t done_ = 0;
    std::uint64_t floor_ = 0;  // as far as a commit said that it is done
    std::map<std::uint64_t, unsigned> trials_;
    std::optional<slot> running_;
};

slot_places const folders("/slots"), partitions("/slots", "/dev/a", "/dev/b");
constexpr std::size_t partition_size = 8 * 1024;  // octets

struct world {
    explicit world(slot_places const& where) : probe(disk, where)
    {
        disk.put_device("/dev/a", partition_size);
        disk.put_device("/dev/b", partition_size);
        for (std::uint64_t release = 16; release <= 19; ++release)
            disk.put("/fetched/" + std::to_string(release), program_of(release));
        disk.put("/slots/.keep", "");
    }
    model_disk disk;
    life probe;
};

std::uint64_t calls_of_a_life(slot_places const& where)
{
    world undisturbed(where);
    EXPECT_TRUE(undisturbed.probe.go_on());
    return undisturbed.disk.calls();
}

/// What holds after a whole life, however it went.
void expect_end(world& at)
{
    auto const known = at.probe.slots().load();
    ASSERT_TRUE(known);
    EXPECT_EQ(known->state.floor, 17u);
    EXPECT_EQ(known->state.highest, 17u);
    EXPECT_EQ(known->state.last_failure->release, 19u);
    ASSERT_TRUE(known->pointer);
    EXPECT_EQ(known->state.of(*known->pointer).release, 17u);
}

/// Goes on after the fault as if nothing had been: as often as a step needs a second attempt.
void recover(world& at)
{
    bool const started = !at.probe.has_first() || at.probe.start();
    EXPECT_TRUE(started) << "nothing is started";
    EXPECT_TRUE(at.probe.go_on()) << "a plain retry does not do it";
    expect_end(at);
}

/// In folders of a package, and in partitions of an image.
class faults : public testing::TestWithParam<slot_places> {};
INSTANTIATE_TEST_SUITE_P(slots, faults, testing::Values(folders, partitions),
                         [](auto const& about) { return about.param.partitions ? "in_partitions" : "in_folders"; });

TEST_P(faults, a_life_without_any_ends_where_the_others_must)
{
    world undisturbed(GetParam());
    ASSERT_TRUE(undisturbed.probe.go_on());
    expect_end(undisturbed);
}

TEST_P(faults, one_at_any_call_is_recovered_from)
{
    auto const calls = calls_of_a_life(GetParam());
    ASSERT_GT(calls, 200u) << "or the faults are not where the work is done";
    struct row {
        fault is;
        char const* name;
    };
    for (auto const& [is, name] : {row{fault::kill, "kill"}, row{fault::io_error, "EIO"},
                                   row{fault::no_space, "ENOSPC"}, row{fault::half, "half a write"}}) {
        std::uint64_t struck = 0, recovered = 0;
        for (std::uint64_t call = 1; call <= calls; ++call) {
            SCOPED_TRACE(std::string(name) + " at call " + std::to_string(call));
            world at(GetParam());
            at.disk.fail_at(call, is);
            try {
                static_cast<void>(at.probe.go_on());
            } catch (killed const&) {
            }
            if (!at.disk.struck()) continue;
            ++struck;
            at.disk.heal();
            recover(at);
            if (!HasFailure()) ++recovered;
        }
        std::printf("%s: recovered from %ju of %ju\n", name, std::uintmax_t{recovered}, std::uintmax_t{struck});
        EXPECT_EQ(recovered, struck);
        EXPECT_GT(struck, 20u);
    }
}

TEST_P(faults, a_power_cut_at_any_call_is_recovered_from_whatever_it_leaves)
{
    auto const calls = calls_of_a_life(GetParam());
    struct row {
        leftover is;
        std::uint64_t seeds;
    };
    std::uint64_t cuts = 0, recovered = 0;
    for (auto const& [is, seeds] :
         {row{leftover::nothing, 1}, row{leftover::all, 1}, row{leftover::names_only, 1}, row{leftover::octets_only, 1},
          row{leftover::names_and_half, 1}, row{leftover::names_and_zeros, 1}, row{leftover::random, 2}}) {
        for (std::uint64_t i = 0; i < calls * seeds; ++i) {
            auto const call = i / seeds + 1;
            SCOPED_TRACE("at call " + std::to_string(call) + ", leftover " + std::to_string(static_cast<int>(is)) +
                         ", seed " + std::to_string(i));
            world at(GetParam());
            at.disk.fail_at(call, fault::kill);
            try {
                static_cast<void>(at.probe.go_on());
            } catch (killed const&) {
            }
            ++cuts;
            at.disk.heal();
            at.disk.cut_power(is, i);
            recover(at);
            if (!HasFailure()) ++recovered;
        }
    }
    std::printf("power cuts: recovered from %ju of %ju\n", std::uintmax_t{recovered}, std::uintmax_t{cuts});
    EXPECT_EQ(recovered, cuts);
}

TEST_P(faults, while_a_release_that_waits_is_replaced_are_not_taken_for_a_release_that_failed)
{
    std::uint64_t struck = 0;
    for (std::uint64_t call = 1;; ++call) {
        SCOPED_TRACE("killed at call " + std::to_string(call));
        world at(GetParam());
        auto& slots = at.probe.slots();
        auto const put = [&](std::uint64_t release) {
            auto const running = release == 16 ? std::nullopt : std::optional(slot::a);
            return install(slots, offer_of(release), here, running,
                           [&] { return at.disk.open("/fetched/" + std::to_string(release)); });
        };
        ASSERT_EQ(put(16).why, cause::none);
        ASSERT_TRUE(commit(slots, slot::a, 16));
        ASSERT_EQ(put(17).why, cause::none);
        at.disk.fail_at(at.disk.calls() + call, fault::kill);
        try {
            ASSERT_EQ(put(18).why, cause::none);
            break;
        } catch (killed const&) {
            ++struck;
        }
        at.disk.heal();
        ASSERT_TRUE(prepare_start(slots, most_tries));
        EXPECT_FALSE(slots.load()->state.last_failure);
    }
    EXPECT_GT(struck, 40u);
}

/// 16 is committed, 17 lies ready: what is left when its withdrawal is disturbed at a call. False: there is no such
/// call.
bool disturb_withdrawal(slot_places const& where, std::uint64_t call, fault how, std::optional<leftover> cut)
{
    world at(where);
    auto& slots = at.probe.slots();
    auto const put = [&](std::uint64_t release, std::optional<slot> running) {
        return install(slots, offer_of(release), here, running,
                       [&] { return at.disk.open("/fetched/" + std::to_string(release)); });
    };
    EXPECT_EQ(put(16, std::nullopt).why, cause::none);
    EXPECT_TRUE(commit(slots, slot::a, 16));
    EXPECT_EQ(put(17, slot::a).why, cause::none);
    at.disk.fail_at(at.disk.calls() + call, how);
    try {
        static_cast<void>(withdraw(slots, slot::b, 17));
    } catch (killed const&) {
    }
    bool const struck = at.disk.struck();
    at.disk.heal();
    if (cut) at.disk.cut_power(*cut, call);
    EXPECT_TRUE(withdraw(slots, slot::b, 17)) << "a plain retry does not do it";
    auto const started = prepare_start(slots, most_tries);
    EXPECT_TRUE(started && started->program.content.release == 16);
    EXPECT_EQ(put(17, slot::a).why, cause::none) << "it may come again";
    return struck;
}

TEST_P(faults, at_any_call_of_a_withdrawal_leave_what_was_or_nothing)
{
    std::uint64_t struck = 0;
    for (auto const how : {fault::kill, fault::io_error, fault::no_space, fault::half})
        for (std::uint64_t call = 1; call < 100; ++call)
            struck += disturb_withdrawal(GetParam(), call, how, {}) ? 1 : 0;
    for (auto const what : {leftover::nothing, leftover::all, leftover::names_only, leftover::octets_only,
                            leftover::names_and_half, leftover::names_and_zeros, leftover::random})
        for (std::uint64_t call = 1; call < 100; ++call)
            struck += disturb_withdrawal(GetParam(), call, fault::kill, what) ? 1 : 0;
    EXPECT_GT(struck, 100u);
}

TEST_P(faults, a_disk_that_takes_nothing_any_more_still_starts_what_was_committed)
{
    auto const calls = calls_of_a_life(GetParam());
    for (auto const is : {fault::full_disk, fault::bad_writes}) {
        std::uint64_t tried = 0, started = 0;
        for (std::uint64_t call = 1; call <= calls; ++call) {
            SCOPED_TRACE("from call " + std::to_string(call));
            world at(GetParam());
            at.disk.fail_at(call, is);
            static_cast<void>(at.probe.go_on());
            if (!at.disk.struck() || !at.probe.has_first()) continue;
            ++tried;
            for (int again = 0; again < 5; ++again) EXPECT_TRUE(at.probe.start());
            if (!HasFailure()) ++started;
            at.disk.heal();
            recover(at);
        }
        std::printf("%s: started from %ju of %ju\n", is == fault::full_disk ? "full disk" : "disk that takes no writes",
                    std::uintmax_t{started}, std::uintmax_t{tried});
        EXPECT_EQ(started, tried);
        EXPECT_GT(tried, 100u);
    }
}

}  // namespace
}  // namespace tp::firmware::test
