#include <gtest/gtest.h>

#include <map>
#include <random>

#include "registry/rollout/machine.hpp"
#include "tests/unit/rollout/samples.hpp"

/// Whatever happens to probes and persons, in whatever order: what must hold at each step.
namespace tp::registry::rollout {
namespace {

using namespace std::chrono_literals;

class life {
public:
    explicit life(std::uint64_t seed) : random_(seed), what_(random_() % 2 == 0 ? lazily() : by_force())
    {
        for (std::int64_t i = 1; i <= 60; ++i) {
            members_.push_back(some(i, static_cast<std::uint32_t>(random_() % what_.reach.size())));
        }
        at_ = {phase::draft, 0, start, start, {}};
    }

    void step()
    {
        now_ += std::chrono::seconds(random_() % 20'000);
        chance();
        for (auto& each : members_) each = looked_at(each, release_7(), what_, now_);
        auto const made = decide({what_, at_, wanted_, {}, found_, approvals_, members_, drifting_}, now_);
        check(made);
        carry_out(made);
    }

private:
    void chance()
    {
        found_ = found_ || random_() % 3 == 0;
        approvals_ += approvals_ < 3 && random_() % 4 == 0 ? 1 : 0;
        auto const drawn = random_() % 60;
        wanted_ = drawn == 0 ? wish::halt : drawn < 6 ? wish::pause : drawn < 20 ? wish::go : wanted_;
        if (random_() % 200 == 0) drifting_ = "drift";
        for (auto& each : members_) change(each);
    }

    void change(member& one)
    {
        if (random_() % 20 == 0) {
            one.connected = !one.connected;
            one.status_since = now_;
        }
        if (!one.connected || random_() % 3 != 0) return;
        report said{.model = one.model, .release = 6, .standing = 2, .cause = {}, .nonce = one.nonce, .at = now_};
        auto const lot = random_() % 40;
        if (one.is == stage::sent && lot < 30) said.state = 1;
        if (one.is == stage::begun && lot < 20) {
            said.release = 7;
            said.standing = 1;
        }
        if (one.is == stage::back && lot < 30) said.release = 7;
        if ((one.is == stage::begun || one.is == stage::back) && lot == 39) {
            said = {.model = one.model, .release = 6, .standing = 2, .cause = "ended", .nonce = {}, .at = now_};
            said.failed_release = 7;
        }
        one.said = said;
    }

    void check(decision const& made)
    {
        auto const& next = made.next;
        ASSERT_LT(next.wave, what_.reach.size());
        if (at_.now == phase::halted) {
            ASSERT_EQ(next, at_) << "for good";
        }
        if (next.now == phase::halted) {
            ASSERT_NE(next.because, "");
        }
        if (next.now == phase::running || next.now == phase::soaking || next.now == phase::complete) {
            ASSERT_GE(approvals_, approvals_for(what_));
            ASSERT_TRUE(found_);
        }
        if (next.now != phase::running && next.now != phase::complete) {
            ASSERT_TRUE(made.instruct.empty());
        }
        if (next.now != phase::halted) {
            ASSERT_TRUE(made.withdraw.empty());
        }
        for (auto const& each : members_) {
            ASSERT_FALSE(each.wave > at_.wave + 1 && each.wave < next.wave) << "no wave is passed over unseen";
        }
        ASSERT_GE(next.wave, at_.wave);
        for (auto const i : made.instruct) {
            ASSERT_LE(members_[i].wave, next.wave);
            ASSERT_TRUE(members_[i].is == stage::planned || members_[i].is == stage::sent);
        }
        auto const& seen = made.seen;
        ASSERT_EQ(seen.planned + seen.sent + seen.begun + seen.back + seen.done + seen.failed + seen.silent +
                      seen.excused + seen.withdrawn,
                  members_.size());
        if (next.now != phase::halted && at_.now != phase::halted) {
            ASSERT_EQ(reason_to_halt(seen, whole, what_.halt_at), "") << "with all the mercy that there is";
        }
        for (auto const& each : members_) {
            if (each.wave > next.wave) {
                ASSERT_EQ(each.is, stage::planned) << "its wave has not come";
            }
        }
    }

    void carry_out(decision const& made)
    {
        for (auto const i : made.instruct) {
            auto& one = members_[i];
            one.is = stage::sent;
            one.since = now_;
            one.nonce = std::to_string(++nonces_);
            one.expires = now_ + what_.deadline + what_.back_within;
        }
        for (auto const i : made.withdraw) take_back(members_[i], now_);
        at_ = made.next;
    }

    std::mt19937_64 random_;
    definition what_;
    progress at_;
    std::vector<member> members_;
    wall_time now_ = start;
    wish wanted_ = wish::go;
    bool found_ = false;
    unsigned approvals_ = 0, nonces_ = 0;
    std::optional<std::string> drifting_;
};

TEST(rollout, keeps_its_rules_through_any_history)
{
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        life one(seed);
        for (int i = 0; i < 100; ++i) {
            one.step();
            if (testing::Test::HasFatalFailure()) return;
        }
    }
}

}  // namespace
}  // namespace tp::registry::rollout
