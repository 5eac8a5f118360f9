#include "tests/bench/fleet_simulation/simulation.hpp"

#include <algorithm>

#include "tests/bench/fleet_simulation/probe.hpp"

namespace tp::simulation {
namespace {

constexpr int first_onset = 2 * hours_a_day;  // everybody is honest for a while
constexpr int mass_memory = 30;               // hours after an event in which an isolation is put down to it
constexpr std::size_t most_stories = 60;

class simulation {
public:
    simulation(std::uint64_t seed, scale const& how_large, detect::settings const& settings)
        : scale_(how_large),
          settings_(settings),
          random_(seed, 0x51),
          world_(seed, how_large.probes),
          events_(populate(seed), how_large.days, seed)
    {
        for (auto const& each : events_.all()) ++score_.events[std::string(name(each.what))];
    }

    score run()
    {
        for (int hour = 0; hour < scale_.days * hours_a_day; ++hour) {
            events_.turn_to(hour);
            live_all(hour);
            auto const report = detect::inspect(detect::hour_time(std::chrono::hours{first_hour + hour}), subjects_,
                                                seen_, world_.targets(), rollout::at(hour), settings_, together_);
            judge(report, hour);
        }
        for (std::size_t i = 0; i < bad_.size(); ++i)
            if (getenv("DBG") && !bad_[i].caught && bad_[i].how != strength::careful && bad_[i].of != kind::honest) {
                auto v = detect::examine(subjects_[i].recent.view(), settings_.rules);
                std::string t;
                for (auto& x : v)
                    if (x.what)
                        t += std::string(detect::name(x.what->by)) + "/" + std::string(detect::name(x.what->level)) +
                             ": " + x.what->saw.text + " VS " + x.what->against.text + " || ";
                if (bad_[i].of == kind::place_liar) {
                    for (auto& tt : hours_[i].targets) {
                        auto* ti = world_.targets().find(tt.measurement);
                        if (ti->family == detect::family::v4)
                            t += " [" + std::to_string((int)files_[i].who.claimed->distance_to(*ti->place).value) +
                                 "km/" + std::to_string((int)probes_[i].home.from.place.distance_to(*ti->place).value) +
                                 "km " + detect::in_text(tt.least) + "]";
                    }
                }
                printf("DBG %s %zu hrs %d acc %d %s->%s: %s\n", std::string(name(bad_[i].of)).c_str(), i,
                       bad_[i].hours_in_session, (int)probes_[i].home.from.by,
                       std::string(countries()[probes_[i].home.from.country].code).c_str(),
                       files_[i].who.country.text().c_str(), t.c_str());
            }
        for (auto& each : bad_) {
            if (each.begun) score_.bad.push_back(each);
        }
        return std::move(score_);
    }

private:
    /// The people first: networks must know their size before events pick among them.
    world const& populate(std::uint64_t seed)
    {
        auto const hours = scale_.days * hours_a_day;
        for (std::uint32_t i = 0; i < scale_.probes; ++i) {
            random_stream own(seed, 0x1000 + i);
            auto home = make_household(world_, hours, own);
            auto now = begin(home, own);
            probes_.push_back({home,
                               now,
                               {},
                               random_stream(seed, 0x1'000'000 + i),
                               random_stream(seed, 0x2'000'000 + i),
                               random_stream(seed, 0x3'000'000 + i)});
            probes_.back().first_wave = own.chance(0.05);
            ++world_.networks()[home.network].probes;
        }
        corrupt();
        enrol();
        return world_;
    }

    void corrupt()
    {
        auto const of_each = std::max<std::uint32_t>(1, scale_.bad_of_each * scale_.probes / 10'000);
        auto const last_onset = scale_.days * hours_a_day - 3 * hours_a_day;
        std::size_t next = 0;
        for (std::size_t of = 1; of < kind_count; ++of) {
            for (std::size_t how = 0; how < strength_count; ++how) {
                for (std::uint32_t i = 0; i < of_each && next < probes_.size(); ++i, ++next) {
                    auto& one = probes_[next];
                    one.evil.of = static_cast<kind>(of);
                    one.evil.how = static_cast<strength>(how);
                    one.evil.onset = static_cast<int>(random_.between(first_onset, last_onset));
                    one.home.v6 = one.home.v6 || one.evil.of == kind::half_v6;
                    one.home.leaves = scale_.days * hours_a_day + 1;
                    one.home.joins = 0;
                }
            }
        }
    }

    void enrol()
    {
        for (std::size_t i = 0; i < probes_.size(); ++i) {
            auto const& home = probes_[i].home;
            file of{.who = {.probe = probe_id::from(static_cast<std::int64_t>(i) + 1).value(),
                            .claimed = home.from.place,
                            .country = detect::country_code::parse(countries()[home.from.country].code).value(),
                            .release = rollout::first},
                    .v6 = home.v6,
                    .slots = {}};
            choose_anchors(of, world_, random_);
            files_.push_back(of);
            subjects_.push_back({.who = of.who, .recent = {}, .past = {}, .groups = {}});
            bad_.push_back({probes_[i].evil.of, probes_[i].evil.how});
        }
        hours_.resize(probes_.size());
        seen_.resize(probes_.size());
        last_mass_.resize(probes_.size());
        for (auto& each : last_mass_) each.fill(-mass_memory);
        isolated_at_.resize(probes_.size(), -1);
    }

    void live_all(int hour)
    {
        for (std::size_t i = 0; i < probes_.size(); ++i) {
            auto& one = probes_[i];
            tell_the_registry(i, hour);
            surroundings around{world_, events_, hour, {}, i % controller_count};
            around.outside = events_.of(one.home.network, one.home.from.country, around.controller, one.release);
            remember_mass(i, around.outside.mass, hour);
            auto const isolated = subjects_[i].past.now == detect::standing::isolated;
            auto const present = live(one, around, files_[i], isolated, hours_[i]);
            seen_[i] = present ? &hours_[i] : nullptr;
            if (present && note_seen(files_[i], hours_[i], city_of(one, around, hours_[i]), world_, one.told)) {
                one.usual.clear();
            }
            subjects_[i].who = files_[i].who;
            count(i, hour, present);
        }
    }

    /// What hosts say: lies about their place, and, days late, that they moved.
    void tell_the_registry(std::size_t i, int hour)
    {
        auto& one = probes_[i];
        auto& who = files_[i].who;
        if (one.evil.of == kind::place_liar && hour == one.evil.onset) {
            auto const lie = lie_about(one.evil.how, one.home.from, world_, one.evils);
            who.claimed = lie.where;
            who.country = detect::country_code::parse(countries()[lie.country].code).value();
        } else if (one.moved >= 0 && !(one.evil.of == kind::place_liar && hour > one.evil.onset) &&
                   one.life.chance(1.0 / 100)) {
            who.claimed = one.home.from.place;
            one.moved = -1;
        } else {
            return;
        }
        choose_anchors(files_[i], world_, one.told);
        one.usual.clear();
    }

    void count(std::size_t i, int hour, bool present)
    {
        auto const evil = probes_[i].evil.active(hour);
        if (!evil) {
            score_.honest.hours += present ? 1 : 0;
            return;
        }
        auto& record = bad_[i];
        if (record.caught || (!record.begun && !present)) return;
        // Who was isolated before it turned bad can be neither caught nor missed.
        if (!record.begun && subjects_[i].past.now == detect::standing::isolated) return;
        record.begun = true;
        ++record.hours;
        record.hours_in_session += present ? 1 : 0;
    }

    void judge(detect::round_report const& report, int hour)
    {
        for (auto const& each : report.proposals) {
            if (!each.what.automatic) continue;
            auto const i = static_cast<std::size_t>(each.probe.value() - 1);
            if (probes_[i].evil.active(hour)) {
                judge_bad(bad_[i], each);
            } else {
                judge_honest(i, each, hour);
            }
        }
        for (auto const& each : report.alerts) {
            ++score_.alerts;
            ++score_.alerts_by[std::string(detect::name(each.what.which.by)) + ": " + std::string(name(each.what.by))];
        }
        score_.doubted_hours += report.doubted_sites.empty() && report.doubted_canaries.empty() ? 0 : 1;
    }

    static void judge_bad(bad_record& record, detect::told const& told)
    {
        switch (told.what.what) {
            case detect::move::suspect:
                record.suspected = true;
                break;
            case detect::move::isolate:
                if (!record.caught) record.by = *told.what.by;
                record.caught = true;
                break;
            case detect::move::release:
                record.released = record.released || record.caught;
                break;
            case detect::move::probation:
                break;
        }
    }

    void judge_honest(std::size_t i, detect::told const& told, int hour)
    {
        auto& honest = score_.honest;
        auto const in_mass = told.what.by && caused(i, *told.what.by, hour);
        if (told.what.what == detect::move::suspect) {
            ++honest.suspicions;
            ++honest.suspicions_by[std::string(name(*told.what.by))];
        } else if (told.what.what == detect::move::isolate) {
            ++honest.isolations;
            honest.in_mass_events += in_mass ? 1 : 0;
            ++honest.isolations_by[std::string(name(*told.what.by))];
            isolated_at_[i] = hour;
            if (honest.stories.size() >= most_stories) return;
            honest.stories.push_back("probe " + each_text(i) + ", hour " + std::to_string(hour) +
                                     (in_mass ? ", in a mass event: " : ": ") + told.what.why + troubles(i, hour));
        } else if (told.what.what == detect::move::release && isolated_at_[i] >= 0) {
            honest.hours_to_release.push_back(hour - isolated_at_[i]);
            isolated_at_[i] = -1;
        }
    }

    void remember_mass(std::size_t i, std::bitset<trouble_count> const& now, int hour)
    {
        for (std::size_t one = 0; one < trouble_count; ++one) {
            if (now[one]) last_mass_[i][one] = hour;
        }
    }

    /// Whether a mass event of the last hours can be what the rule saw.
    bool caused(std::size_t i, detect::rule by, int hour) const
    {
        for (std::size_t one = 0; one < trouble_count; ++one) {
            if (hour - last_mass_[i][one] < mass_memory && shows_as(static_cast<trouble>(one), by)) return true;
        }
        return false;
    }

    std::string troubles(std::size_t i, int hour) const
    {
        std::string out;
        for (std::size_t one = 0; one < trouble_count; ++one) {
            if (hour - last_mass_[i][one] < mass_memory)
                out += " {" + std::string(name(static_cast<trouble>(one))) + "}";
        }
        return out;
    }

    static std::string each_text(std::size_t i) { return std::to_string(i + 1); }

    scale scale_;
    detect::settings settings_;
    random_stream random_;
    world world_;
    std::vector<probe> probes_;
    std::vector<file> files_;
    std::vector<detect::subject> subjects_;
    std::vector<detect::probe_hour> hours_;
    std::vector<detect::probe_hour const*> seen_;
    std::vector<std::array<int, trouble_count>> last_mass_;  // hours
    std::vector<int> isolated_at_;
    std::vector<bad_record> bad_;
    score score_;
    detect::mass_events together_;
    calendar events_;  // last: its networks must have their people
};

}  // namespace

score simulate(std::uint64_t seed, scale const& how_large, detect::settings const& settings)
{
    return simulation(seed, how_large, settings).run();
}

}  // namespace tp::simulation
