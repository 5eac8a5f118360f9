#include "registry/detect/firmware.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;
using testing::HasSubstr;

sha256 digest(std::uint8_t of)
{
    sha256 out{};
    out[0] = of;
    return out;
}

firmware_report report(std::uint64_t release)
{
    return {.at = {},
            .release = release,
            .digest = digest(static_cast<std::uint8_t>(release)),
            .signature_valid = true,
            .nonce_fresh = true,
            .model = "m"};
}

/// Releases 6, 7 and 8 are signed; from hour 0 on, 7 is the lowest allowed.
firmware_catalogue const& catalogue()
{
    static firmware_catalogue const all{
        {{6, digest(6), "m"}, {7, digest(7), "m"}, {8, digest(8), "m"}, {3, digest(33), "other"}}, 7, hour(0), true};
    return all;
}

template <class Reports>
verdict after(int hours, Reports reports, firmware_catalogue const& signed_ones = catalogue())
{
    auto const window = window_of(hours, [&](int i, hour_facts& facts) {
        probe_hour seen;
        seen.hour = hour(i);
        seen.reports = reports(i);
        facts.firmware = firmware_of(seen, signed_ones);
    });
    return examine_firmware(window, {});
}
using reports = std::vector<firmware_report>;

TEST(detect_firmware, what_was_signed_is_clean)
{
    EXPECT_EQ(after(24, [](int i) { return i % 6 == 0 ? reports{report(7)} : reports{}; }).is, outcome::clean);
    EXPECT_EQ(after(24, [](int i) { return i == 3 ? reports{report(7), report(8)} : reports{}; }).is, outcome::clean);
}

TEST(detect_firmware, one_wrong_report_warns_and_two_are_grave)
{
    struct row {
        std::string_view what, words;
        firmware_report wrong;
    };
    auto other_digest = report(7);
    other_digest.digest = digest(99);
    auto other_number = report(8);
    other_number.digest = digest(6);
    auto other_model = report(7);
    other_model.digest = digest(33);
    auto no_such_model = report(7);
    no_such_model.model = "n";
    no_such_model.digest = digest(99);
    auto forged = report(7);
    forged.signature_valid = false;
    for (auto const& [what, words, wrong] :
         {row{"digest", "release 7 of m is another (SHA-256 6300000000000000...)", other_digest},
          row{"number", "the program reported as release 8 of m is release 6 of m", other_number},
          row{"model", "the program reported as release 7 of m is release 3 of other", other_model},
          row{"model of nothing", "release 7 of n was reported", no_such_model}, row{"signature", "not signed", forged},
          row{"release", "release 9 of m was reported", report(9)}}) {
        SCOPED_TRACE(what);
        auto const once = after(24, [&](int i) { return i == 2 ? reports{wrong} : reports{report(7)}; });
        EXPECT_EQ(level(once), severity::warning);
        EXPECT_THAT(once.what->saw.text, HasSubstr(words));
        EXPECT_EQ(level(after(24, [&](int i) { return i % 12 == 2 ? reports{wrong} : reports{report(7)}; })),
                  severity::grave);
    }
}

TEST(detect_firmware, old_reports_told_again_are_grave_at_the_third)
{
    auto stale = report(7);
    stale.nonce_fresh = false;
    auto const times = [&](int count) {
        return after(24, [&](int i) { return i < count ? reports{stale} : reports{report(7)}; });
    };
    EXPECT_EQ(level(times(1)), severity::warning);
    EXPECT_EQ(level(times(2)), severity::warning);
    EXPECT_EQ(level(times(3)), severity::grave);
}

TEST(detect_firmware, a_release_below_the_floor_has_time_to_update)
{
    auto const old_for = [](int hours) {
        return after(hours, [](int i) { return i % 6 == 0 ? reports{report(6)} : reports{}; });
    };
    EXPECT_EQ(level(old_for(11)), severity::note);
    EXPECT_EQ(level(old_for(12)), severity::grave);
    auto const updates = [](int i) { return reports{report(i < 11 ? 6 : 7)}; };
    EXPECT_EQ(after(20, updates).is, outcome::clean);
}

TEST(detect_firmware, the_floor_binds_when_its_grace_has_passed)
{
    auto later = catalogue();
    later.floor_binds = hour(24);
    EXPECT_EQ(after(
                  24, [](int) { return reports{report(6)}; }, later)
                  .is,
              outcome::clean);
    later.floor_binds = hour(12);
    EXPECT_EQ(level(after(
                  24, [](int) { return reports{report(6)}; }, later)),
              severity::grave);
}

TEST(detect_firmware, going_back_is_a_warning)
{
    auto const found = after(24, [](int i) { return reports{report(i < 5 ? 8 : 7)}; });
    EXPECT_EQ(level(found), severity::warning);
    EXPECT_THAT(found.what->saw.text, HasSubstr("went back to 7"));
}

TEST(detect_firmware, silence_is_a_warning_once_reports_are_in_use)
{
    auto const none = [](int) { return reports{}; };
    EXPECT_EQ(after(17, none).is, outcome::no_data);
    EXPECT_EQ(level(after(18, none)), severity::warning);
    EXPECT_EQ(after(24, none, {}).is, outcome::no_data);
    auto some_say_nothing = catalogue();
    some_say_nothing.all_report = false;
    EXPECT_EQ(after(24, none, some_say_nothing).is, outcome::no_data);
}

TEST(detect_firmware, the_same_octets_may_be_signed_for_several_models_and_releases)
{
    auto twice = catalogue();
    twice.images.push_back({9, digest(8), "m"});
    twice.images.push_back({8, digest(8), "other"});
    auto promoted = report(9);
    promoted.digest = digest(8);
    EXPECT_EQ(after(
                  24, [&](int i) { return reports{i < 9 ? report(8) : promoted}; }, twice)
                  .is,
              outcome::clean);
}

TEST(detect_firmware, what_a_host_installed_himself_nobody_need_have_signed)
{
    auto packaged = report(1);
    packaged.digest = digest(99);
    packaged.from_repository = packaged.settled = false;
    auto no_floor = catalogue();
    no_floor.floor = 0;
    EXPECT_EQ(after(
                  24, [&](int) { return reports{packaged}; }, no_floor)
                  .is,
              outcome::clean);
    EXPECT_EQ(after(
                  24, [&](int i) { return reports{i < 5 ? report(8) : packaged}; }, no_floor)
                  .is,
              outcome::clean)
        << "installed anew";
}

TEST(detect_firmware, without_a_list_nobody_is_judged)
{
    EXPECT_EQ(after(24, [](int) { return reports{report(99)}; }, {}).is, outcome::no_data);
    auto const found = window_of(24, [](int i, hour_facts& facts) {
        probe_hour seen;
        seen.hour = hour(i);
        auto unknown = report(99);
        seen.reports = {unknown};
        facts.firmware = firmware_of(seen, i == 3 ? catalogue() : firmware_catalogue{});
    });
    EXPECT_EQ(level(examine_firmware(found, {})), severity::warning) << "nor cleared";
}

TEST(detect_firmware, what_is_older_than_all_that_is_known_may_have_been_signed_before)
{
    auto no_floor = catalogue();
    no_floor.floor = 0;
    EXPECT_EQ(after(
                  24, [](int) { return reports{report(5)}; }, no_floor)
                  .is,
              outcome::clean);
}

TEST(detect_firmware, a_trial_that_failed_is_gone_back_from_and_nobody_is_accused)
{
    auto on_trial = report(8);
    on_trial.settled = false;
    auto back = report(7);
    back.settled = false;
    EXPECT_EQ(after(24, [&](int i) { return reports{i == 5 ? on_trial : report(7)}; }).is, outcome::clean);
    EXPECT_EQ(after(24, [&](int i) { return reports{i < 5 ? report(8) : back}; }).is, outcome::clean)
        << "8 failed here, and it says so";
}

}  // namespace
}  // namespace tp::registry::detect
