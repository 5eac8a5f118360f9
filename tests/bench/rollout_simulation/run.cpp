#include "tests/bench/rollout_simulation/run.hpp"

#include <array>
#include <cmath>

#include "registry/rollout/selection.hpp"

namespace tp::simulation {
namespace {

using rollout::phase;
using rollout::stage;
using std::chrono::hours;

struct outage {
    std::uint32_t asn = 0;  // 0: a whole country
    std::string country;
    wall_time until;
};

/// Three dozen networks in a dozen countries, a few of them with a large share.
struct site {
    std::string country;
    std::uint32_t asn = 0;
};
site draw_site(random_stream& random)
{
    constexpr std::array countries{"DE", "US", "NL", "FR", "GB", "CH", "IT", "JP", "BR", "ZA", "AU", "IN"};
    auto const skewed = [&](std::uint32_t of) { return static_cast<std::uint32_t>(std::pow(random.unit(), 2.0) * of); };
    auto const country = skewed(countries.size());
    return {countries.at(country), 64'500 + country * 10 + skewed(8)};
}

class world {
public:
    world(std::uint64_t seed, rollout_scale const& size)
        : size_(size), random_(seed, 0), step_(size.how == rollout::mode::lazy ? seconds(300) : seconds(5))
    {
        what_ = rollout::usual(size.how);
        what_.targets = {{"sw-x86_64", "sw-x86_64/stable/2", 1, std::string(32, 'h'), updated_probe::new_release}};
        what_.seed = seed;
        settle(seed);
        at_ = {phase::waiting, 0, now_, now_, {}};
    }

    rollout_outcome run()
    {
        // Lines and the last reports settle before it begins.
        for (auto const end = now_ + hours(24); now_ < end; now_ += seconds(900)) live();
        begun_ = now_;
        auto const end = now_ + size_.longest;
        while (now_ < end && at_.now != phase::complete && at_.now != phase::halted) tick();
        outcome_.hours = std::chrono::duration<double, std::ratio<3600>>(now_ - begun_).count();
        outcome_.end = at_.now;
        outcome_.because = at_.because;
        // Who was on trial comes to its end; lines come back.
        for (auto const last = now_ + hours(6); now_ < last; now_ += step_) live();
        count();
        return outcome_;
    }

private:
    void settle(std::uint64_t seed)
    {
        std::vector<rollout::candidate> all;
        for (std::uint32_t i = 1; i <= size_.probes; ++i) {
            auto const id = *probe_id::from(i);
            auto const where = draw_site(random_);
            auto const broken = random_.chance(size_.broken);
            auto const how = !broken ? flaw::none : random_.chance(0.5) ? flaw::ends : flaw::stays_mute;
            probes_.emplace_back(id, seed, how);
            all.push_back({id, "sw-x86_64", where.country, where.asn, i <= size_.lab});
            members_.push_back({.probe = id, .model = "sw-x86_64", .country = where.country, .asn = where.asn});
        }
        auto const waves = rollout::choose_waves(all, what_.reach, what_.seed);
        for (std::size_t i = 0; i < waves.size(); ++i) members_[i].wave = waves[i];
    }

    void change_outages()
    {
        std::erase_if(outages_, [&](outage const& one) { return one.until <= now_; });
        // A network a day somewhere, a country a month.
        auto const of_day = std::chrono::duration<double, std::ratio<86'400>>(step_).count();
        auto const begin = [&](bool country) {
            auto const where = draw_site(random_);
            outages_.push_back({country ? 0 : where.asn, where.country,
                                now_ + seconds(static_cast<std::int64_t>(random_.between(600, 4 * 3'600)))});
            ++outcome_.outages;
        };
        if (size_.outages && random_.chance(of_day)) begin(false);
        if (size_.outages && random_.chance(of_day / 30)) begin(true);
    }

    bool is_dark(rollout::member const& one) const
    {
        for (auto const& each : outages_) {
            if (each.asn == 0 ? each.country == one.country : each.asn == one.asn) return true;
        }
        return false;
    }

    void live()
    {
        change_outages();
        for (std::size_t i = 0; i < probes_.size(); ++i) {
            probes_[i].live(now_, is_dark(members_[i]));
            probes_[i].show(members_[i]);
        }
    }

    void tick()
    {
        live();
        for (auto& one : members_) one = rollout::looked_at(std::move(one), what_.targets.front(), what_, now_);
        auto const made = rollout::decide({what_, at_, rollout::wish::go, {}, true, 2, members_, {}}, now_);
        at_ = made.next;
        for (auto const i : made.instruct) {
            auto& one = members_[i];
            one.is = stage::sent;
            one.since = now_;
            one.nonce = std::to_string(i);
            one.expires = now_ + what_.deadline + hours(24);
            auto const lazily = std::optional(size_.begins_within);
            probes_[i].instruct(one.nonce, size_.how == rollout::mode::lazy ? lazily : std::nullopt, now_);
        }
        for (auto const i : made.withdraw) {
            rollout::take_back(members_[i], now_);
            probes_[i].withdraw();
        }
        now_ += step_;
    }

    void count()
    {
        std::uint32_t touched = 0;
        for (std::size_t i = 0; i < probes_.size(); ++i) {
            auto const& said = members_[i].said;
            bool const did = rollout::is_touched(members_[i].is) ||
                             (said && (said->release == updated_probe::new_release || said->failed_release != 0));
            touched += did ? 1 : 0;
            outcome_.updated += probes_[i].runs_old() ? 0 : 1;
            if (!did || !probes_[i].is_broken()) continue;
            ++outcome_.broken_touched;
            outcome_.broken_on_old += probes_[i].runs_old() ? 1 : 0;
        }
        outcome_.touched = static_cast<double>(touched) / size_.probes;
    }

    rollout_scale size_;
    random_stream random_;
    seconds step_;
    rollout::definition what_;
    rollout::progress at_;
    std::vector<updated_probe> probes_;
    std::vector<rollout::member> members_;
    std::vector<outage> outages_;
    wall_time now_{};
    wall_time begun_{};
    rollout_outcome outcome_;
};

}  // namespace

rollout_outcome run_rollout(std::uint64_t seed, rollout_scale const& size)
{
    return world(seed, size).run();
}

}  // namespace tp::simulation
