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
            .length = 1000 + release,
            .digest = digest(static_cast<std::uint8_t>(release)),
            .signature_valid = true,
            .nonce_fresh = true};
}

/// Releases 6, 7 and 8 are signed; from hour 0 on, 7 is the lowest allowed.
firmware_catalogue const& catalogue()
{
    static firmware_catalogue const all{{{6, 1006, digest(6)}, {7, 1007, digest(7)}, {8, 1008, digest(8)}}, 7, hour(0)};
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
    auto other_length = report(7);
    other_length.length = 1;
    auto forged = report(7);
    forged.signature_valid = false;
    for (auto const& [what, words, wrong] :
         {row{"digest", "is another", other_digest}, row{"length", "is another", other_length},
          row{"signature", "not signed", forged}, row{"release", "release 9", report(9)}}) {
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
}

}  // namespace
}  // namespace tp::registry::detect
