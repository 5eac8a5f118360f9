#include "firmware-signing/tool/factory_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "firmware-signing/envelope.hpp"
#include "firmware-signing/self_test_report.hpp"
#include "firmware-signing/tool/shown.hpp"

namespace tp::signing::tool {
namespace {

using testing::HasSubstr;

struct factory_file_test : testing::Test {
    std::string report(ssh::private_key const& of, bool well = true, std::chrono::days age = {})
    {
        self_test_report out{of.shared(), "0.1.0", now - age, {}};
        for (auto const name : required_checks) out.checks.push_back({std::string(name), well, "so"});
        return write_self_test(out, of).value();
    }
    factory_file read(std::string const& text)
    {
        return read_factory_file(text, "list.toml", now, [&](std::string const& name) -> result<std::string> {
            auto const found = files.find(name);
            if (found == files.end()) return errc::not_found;
            return found->second;
        });
    }
    std::string complaint(std::string const& text) { return read(text).complaint.value_or("none"); }

    wall_time const now = from_unix_seconds(1'796'017'454);
    ssh::private_key const key = ssh::private_key::make().value(), other = ssh::private_key::make().value();
    std::map<std::string, std::string> files;
    std::string const good =
        "batch = \"2026-11-a\"\n[[device]]\nserial = \"A1\"\nmodel = \"hw1\"\nrevision = \"3\"\n"
        "claim_code = \"7KQ2-0A1B\"\nreport = \"a1\"\n";
};

TEST_F(factory_file_test, takes_the_key_of_a_device_from_its_good_report)
{
    files["a1"] = report(key);
    auto const out = read(good);
    ASSERT_FALSE(out.complaint) << *out.complaint;
    ASSERT_EQ(out.list.devices.size(), 1U);
    EXPECT_EQ(out.list.devices[0].key, key.shared());
    EXPECT_EQ(out.list.devices[0].code_hash, hash_of_claim_code("7KQ20A1B"));
    auto const made = prepare_factory_list(out.list, 1, now + std::chrono::days(90), now);
    ASSERT_FALSE(made.complaint);
    auto const shown = document_text(read_envelope(made.octets).value(), now);
    EXPECT_THAT(shown, HasSubstr("2026-11-a"));
    EXPECT_THAT(shown, HasSubstr(key.shared().fingerprint()));
    EXPECT_TRUE(prepare_factory_list(out.list, 1, now, now).complaint);
}

TEST_F(factory_file_test, admits_no_device_without_a_report_that_is_good_signed_and_fresh)
{
    EXPECT_THAT(complaint(good), HasSubstr("not believed"));
    files["a1"] = report(key, false);
    EXPECT_THAT(complaint(good), HasSubstr("the device failed: open-ports: so"));
    files["a1"] = report(key, true, std::chrono::days(400));
    EXPECT_THAT(complaint(good), HasSubstr("too old"));
    files["a1"] = report(key, true, -std::chrono::days(2));
    EXPECT_THAT(complaint(good), HasSubstr("too old, or of the future"));
    files["a1"] = report(key);
    files["a1"].replace(files["a1"].find(key.shared().base64()), 68, other.shared().base64());
    EXPECT_THAT(complaint(good), HasSubstr("not believed"));
    EXPECT_THAT(complaint("batch = \"b\"\n[[device]]\nserial = \"A1\"\nmodel = \"m\"\nrevision = \"1\"\n"
                          "claim_code = \"7KQ2\"\n"),
                HasSubstr("is needed"));
}

TEST_F(factory_file_test, wants_one_code_for_each_device)
{
    files["a1"] = report(key);
    auto both = good + "claim_code_sha256 = \"" + std::string(64, 'a') + "\"\n";
    EXPECT_THAT(complaint(both), HasSubstr("one of them only"));
    EXPECT_THAT(complaint("batch = \"b\"\n"), HasSubstr("no device"));
    EXPECT_THAT(complaint(good + "colour = \"red\"\n"), HasSubstr("unknown key"));
}

}  // namespace
}  // namespace tp::signing::tool
