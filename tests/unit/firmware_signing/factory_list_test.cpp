#include "firmware-signing/factory_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware-signing/refusal.hpp"
#include "firmware-signing/self_test_report.hpp"

namespace tp::signing {
namespace {

using testing::HasSubstr;

constexpr std::string_view a_key = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
constexpr std::string_view b_key = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJk";
std::string const a_hash(64, 'a'), b_hash(64, 'b');

listed_device device(std::string serial, std::string_view key, std::string hash)
{
    return {std::move(serial), ssh::public_key::parse(key).value(), "hw1", "3", std::move(hash)};
}

std::string content()
{
    return "batch 2026-11-a\ndevice A1 " + std::string(a_key) + " hw1 3 " + a_hash + "\ndevice A2 " +
           std::string(b_key) + " hw1 3 " + b_hash + "\n";
}

TEST(factory_list, is_read_as_it_was_written)
{
    device_list const list{"2026-11-a", {device("A2", b_key, b_hash), device("A1", a_key, a_hash)}};
    auto const written = write_device_list(list);
    ASSERT_FALSE(written.complaint);
    EXPECT_EQ(written.content, content());
    auto const read = read_device_list(content());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->batch, "2026-11-a");
    EXPECT_EQ(read->devices.at(0), list.devices.at(1));
}

TEST(factory_list, has_one_spelling)
{
    auto const good = content();
    auto const replaced = [&](std::string_view what, std::string_view by) {
        auto out = good;
        return out.replace(out.find(what), what.size(), by);
    };
    for (auto const& wrong :
         {std::string(), std::string("batch x\n"), good.substr(0, good.size() - 1), good + "device\n", good + "x\n",
          replaced("batch 2026-11-a", "batch 2026 11"), replaced("device A1", "device A3"),
          replaced("device A1", "device A2"), replaced(b_key, a_key), replaced(b_hash, a_hash),
          replaced(a_hash, std::string(64, 'A')), replaced(a_hash, std::string(63, 'a')), replaced(" hw1 3", " hw1  3"),
          replaced("hw1", "hw/1"), replaced(a_key, "AAAA"), replaced("A1", std::string(41, 'A'))}) {
        EXPECT_EQ(read_device_list(wrong).error(), refusal::malformed) << wrong;
    }
}

TEST(factory_list, says_what_is_wrong_with_which_device)
{
    auto const complaint = [](device_list list) { return write_device_list(std::move(list)).complaint.value_or(""); };
    EXPECT_THAT(complaint({"b", {}}), HasSubstr("no device"));
    EXPECT_THAT(complaint({"", {device("A1", a_key, a_hash)}}), HasSubstr("batch"));
    EXPECT_THAT(complaint({"b", {device("A1", a_key, a_hash), device("A1", b_key, b_hash)}}),
                HasSubstr("listed twice"));
    EXPECT_THAT(complaint({"b", {device("A1", a_key, a_hash), device("A2", a_key, b_hash)}}),
                HasSubstr("\"A2\" has the key of another"));
    EXPECT_THAT(complaint({"b", {device("A1", a_key, a_hash), device("A2", b_key, a_hash)}}), HasSubstr("claim code"));
    EXPECT_THAT(complaint({"b", {device("A 1", a_key, a_hash)}}), HasSubstr("word"));
}

TEST(factory_list, holds_of_a_code_what_nobody_mistypes)
{
    EXPECT_EQ(hash_of_claim_code("7KQ2-0A1B"), hash_of_claim_code("7kq2 oaib"));
    EXPECT_NE(hash_of_claim_code("7KQ2-0A1B"), hash_of_claim_code("7KQ2-0A1C"));
}

self_test_report some_report(ssh::private_key const& key)
{
    self_test_report out{key.shared(), "0.1.0", from_unix_seconds(1'796'017'454), {}};
    for (auto const name : required_checks) out.checks.push_back({std::string(name), true, "well"});
    return out;
}

TEST(self_test_report, is_read_as_it_was_written)
{
    auto const key = ssh::private_key::make().value();
    auto const report = some_report(key);
    EXPECT_TRUE(report.passed());
    EXPECT_EQ(read_self_test(write_self_test(report, key).value()).value(), report);
}

TEST(self_test_report, of_another_key_or_changed_is_not_believed)
{
    auto const key = ssh::private_key::make().value(), other = ssh::private_key::make().value();
    auto report = some_report(key);
    report.checks[0].good = false;
    auto const octets = write_self_test(report, key).value();
    auto forged = octets;
    forged.replace(forged.find(" failed "), 8, " ok ");
    EXPECT_EQ(read_self_test(forged).error(), refusal::bad_signature);
    auto of_other = octets;
    of_other.replace(of_other.find(key.shared().base64()), 68, other.shared().base64());
    EXPECT_EQ(read_self_test(of_other).error(), refusal::bad_signature);
    for (std::size_t cut = 0; cut < octets.size(); cut += 7) EXPECT_FALSE(read_self_test(octets.substr(0, cut)));
    EXPECT_EQ(read_self_test(octets + "\n").error(), refusal::malformed);
}

TEST(self_test_report, passes_only_with_every_check_there_and_good)
{
    auto const key = ssh::private_key::make().value();
    auto bad = some_report(key);
    bad.checks.back().good = false;
    EXPECT_FALSE(bad.passed());
    auto missing = some_report(key);
    missing.checks.pop_back();
    EXPECT_FALSE(missing.passed());
    EXPECT_FALSE((self_test_report{key.shared(), "0.1.0", {}, {}}).passed());
}

TEST(self_test_report, shows_nothing_that_moves_a_cursor)
{
    auto const key = ssh::private_key::make().value();
    auto report = some_report(key);
    report.checks[0].text = "\x1b[2J" + std::string(300, 'x');
    report.checks[1].text = "";
    auto const read = read_self_test(write_self_test(report, key).value()).value();
    EXPECT_TRUE(read.checks[0].text.starts_with("?[2Jxx"));
    EXPECT_EQ(read.checks[0].text.size(), self_test_report::longest_text);
    EXPECT_EQ(read.checks[1].text, "-");
}

}  // namespace
}  // namespace tp::signing
