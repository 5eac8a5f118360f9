#include "proto/version_report.hpp"

#include <gtest/gtest.h>

#include "proto/codec.hpp"
#include "proto/messages.hpp"
#include "proto/trigpoint.pb.h"
#include "tests/unit/proto/samples.hpp"

namespace tp::proto {
namespace {

namespace v1 = ::trigpoint::v1;
using samples::at;

version_report some_version_report()
{
    return {.probe = probe_id::from(12).value(),
            .number = 3,
            .boot_count = 7,
            .at = at(5),
            .software = "0.1.0",
            .from = version_report::slot{"b", "sw-x86_64", 17, std::string(32, 'h'), 1, 2, 10, 16,
                                         "sw-x86_64/stable/17", 5'000'000},
            .update_state = 3,
            .update_result = 0,
            .last_failure = version_report::failure{15, "ended"},
            .started = boot_reason::further_try,
            .attack = attack_sign::none};
}

TEST(version_report, is_read_as_it_was_written)
{
    auto const whole = some_version_report();
    EXPECT_EQ(decode_version_report(encode(whole)).value(), whole);
    auto packaged = whole;
    packaged.from.reset();
    packaged.last_failure.reset();
    EXPECT_EQ(decode_version_report(encode(packaged)).value(), packaged);
}

TEST(version_report, says_what_is_possible)
{
    auto const refused = [](auto change) {
        v1::VersionReport wire;
        EXPECT_TRUE(wire.ParseFromString(encode(some_version_report())));
        change(wire);
        return !decode_version_report(wire.SerializeAsString());
    };
    EXPECT_FALSE(refused([](auto&) {}));
    EXPECT_TRUE(refused([](auto& m) { m.set_probe(0); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_software("\xff"); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_update_state(4); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_update_result(10); }));
    EXPECT_TRUE(refused([](auto& m) { m.mutable_from()->set_name("c"); }));
    EXPECT_TRUE(refused([](auto& m) { m.mutable_from()->set_release(0); }));
    EXPECT_TRUE(refused([](auto& m) { m.mutable_from()->set_sha256("short"); }));
    EXPECT_TRUE(refused([](auto& m) { m.mutable_from()->set_standing(0); }));
    EXPECT_TRUE(refused([](auto& m) { m.mutable_from()->set_standing(4); }));
    EXPECT_TRUE(refused([](auto& m) { m.mutable_from()->set_target("\xff"); }));
    EXPECT_FALSE(refused([](auto& m) { m.mutable_from()->clear_target(); })) << "software from before does not say it";
    EXPECT_FALSE(refused([](auto& m) { m.mutable_from()->set_length(version_report::largest_program); }));
    EXPECT_TRUE(refused([](auto& m) { m.mutable_from()->set_length(version_report::largest_program + 1); }));
    EXPECT_FALSE(refused([](auto& m) { m.set_boot_reason(5); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_boot_reason(6); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_boot_reason(256); })) << "it is not cut to an octet";
    EXPECT_FALSE(refused([](auto& m) { m.set_attack(2); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_attack(3); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_attack(257); }));
    EXPECT_TRUE(refused([](auto& m) { m.mutable_last_failure()->set_release(0); }));
    EXPECT_TRUE(refused([](auto& m) { m.mutable_last_failure()->set_cause(std::string(65, 'c')); }));
    EXPECT_FALSE(decode_version_report(""));
    EXPECT_EQ(decode_version_report(std::string(5'000, '\0')).error(), errc::too_large);
}

TEST(version_report, of_software_from_before_lacks_what_came_later)
{
    auto before = some_version_report();
    before.from->length = 0;
    before.started = boot_reason::not_told;
    before.attack = attack_sign::not_told;
    v1::VersionReport wire;
    ASSERT_TRUE(wire.ParseFromString(encode(some_version_report())));
    wire.mutable_from()->clear_length();
    wire.clear_boot_reason();
    wire.clear_attack();
    EXPECT_EQ(decode_version_report(wire.SerializeAsString()).value(), before);
    EXPECT_EQ(encode(before), wire.SerializeAsString()) << "what is not told takes no octet";
}

/// A field of a number that nobody knows yet, with a number as its value.
std::string unknown_field(unsigned number)
{
    return {static_cast<char>(number << 3 | 0x80), static_cast<char>(number >> 4), '\1'};
}

TEST(version_report, of_later_software_is_read_as_far_as_it_is_known)
{
    auto const whole = some_version_report();
    EXPECT_EQ(decode_version_report(encode(whole) + unknown_field(100)).value(), whole);
    v1::VersionReport wire;
    ASSERT_TRUE(wire.ParseFromString(encode(whole)));
    v1::RunningSlot slot;
    ASSERT_TRUE(slot.ParseFromString(wire.from().SerializeAsString() + unknown_field(100)));
    *wire.mutable_from() = slot;
    EXPECT_EQ(decode_version_report(wire.SerializeAsString()).value(), whole);
}

TEST(version_report, says_whether_a_program_came_signed_or_from_the_host)
{
    for (auto const* const target : {"sw-x86_64/stable/17", "host/stable/17", "hostess/17", "17"})
        EXPECT_TRUE(came_from_repository(target)) << target;
    for (auto const* const target : {"", "host/1", "host/17"}) EXPECT_FALSE(came_from_repository(target)) << target;
}

TEST(version_report, is_signed_as_nothing_else)
{
    EXPECT_EQ(signed_octets_of_report("abc"), "trigpoint version report 1\nabc");
}

TEST(version_report, travels_and_is_answered)
{
    signed_report const sent{3, encode(some_version_report()), std::string(64, 's')};
    auto const read = decode_to_controller(encode(to_controller(sent)));
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<signed_report>(*read), sent);
    auto const answer = decode_from_controller(encode(from_controller(report_taken{3})));
    ASSERT_TRUE(answer);
    EXPECT_EQ(std::get<report_taken>(*answer).number, 3u);
    for (auto const& [report, signature] : {std::pair(sent.report, std::string(63, 's')),
                                            std::pair(std::string(signed_report::largest + 1, 'r'), sent.signature)})
        EXPECT_FALSE(decode_to_controller(encode(to_controller(signed_report{3, report, signature}))));
    EXPECT_TRUE(decode_to_controller(
        encode(to_controller(signed_report{3, std::string(signed_report::largest, 'r'), sent.signature}))));
}

}  // namespace
}  // namespace tp::proto
