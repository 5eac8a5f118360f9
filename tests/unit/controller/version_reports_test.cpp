#include "controller/version_reports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/version_report.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::controller {
namespace {

class version_reports : public testing::Test {
protected:
    proto::signed_report signed_by(ssh::private_key const& key) const
    {
        proto::signed_report out{report_.number, proto::encode(report_), {}};
        out.signature = key.sign(proto::signed_octets_of_report(out.report)).value();
        return out;
    }

    tp::test::temporary_folder folder_;
    ssh::private_key key_ = ssh::private_key::load_or_make(folder_ / "key").value();
    ssh::private_key other_ = ssh::private_key::load_or_make(folder_ / "other").value();
    probe_id probe_ = probe_id::from(12).value();
    proto::version_report report_{
        .probe = probe_,
        .number = 3,
        .software = "0.1.0",
        .from = proto::version_report::slot{"b", "hw1", 17, std::string(32, 'h'), 1, 2, 10, 16, "hw1/stable/17"},
        .update_result = 8,
        .last_failure = proto::version_report::failure{15, "ended"}};
};

TEST_F(version_reports, are_kept_in_words_and_as_they_were_signed)
{
    auto const kept = kept_version_report(signed_by(key_), probe_, key_.shared());
    ASSERT_TRUE(kept);
    EXPECT_THAT(kept->text,
                testing::StartsWith("runs 0.1.0, release 17 of hw1 from slot b, on trial; release 15 failed: ended; "
                                    "update state Idle, result Firmware update failed; signed 080c"));
    store::firmware_state const says{.model = "hw1",
                                     .release = 17,
                                     .sha256 = std::string(32, 'h'),
                                     .standing = 1,
                                     .update_result = 8,
                                     .failed_release = 15,
                                     .cause = "ended",
                                     .software = "0.1.0",
                                     .target = "hw1/stable/17"};
    EXPECT_EQ(kept->says, says);
}

TEST_F(version_reports, of_newer_probes_say_more)
{
    report_.from->length = 5'000'000;
    report_.started = proto::boot_reason::first_try;
    report_.attack = proto::attack_sign::seen;
    auto const kept = kept_version_report(signed_by(key_), probe_, key_.shared());
    ASSERT_TRUE(kept);
    std::string hash;
    for (int i = 0; i < 32; ++i) hash += "68";
    EXPECT_THAT(kept->text,
                testing::StartsWith("runs 0.1.0, release 17 of hw1 from slot b, on trial; release 15 failed: ended; "
                                    "update state Idle, result Firmware update failed, looks like an attack; why it "
                                    "was started: first start of a trial; its program has 5000000 octets and the "
                                    "SHA-256 " +
                                    hash + "; signed 080c"));
}

TEST_F(version_reports, of_others_are_refused)
{
    EXPECT_EQ(kept_version_report(signed_by(other_), probe_, key_.shared()).error(), errc::rejected);
    EXPECT_EQ(kept_version_report(signed_by(key_), probe_id::from(13).value(), key_.shared()).error(), errc::malformed);
    auto renumbered = signed_by(key_);
    ++renumbered.number;
    EXPECT_EQ(kept_version_report(renumbered, probe_, key_.shared()).error(), errc::malformed);
    auto changed = signed_by(key_);
    changed.report.back() = static_cast<char>(changed.report.back() ^ 1);
    EXPECT_EQ(kept_version_report(changed, probe_, key_.shared()).error(), errc::rejected);
}

TEST_F(version_reports, that_cannot_be_read_are_refused_though_they_are_signed)
{
    proto::signed_report nothing{3, "nothing", {}};
    nothing.signature = key_.sign(proto::signed_octets_of_report(nothing.report)).value();
    EXPECT_EQ(kept_version_report(nothing, probe_, key_.shared()).error(), errc::malformed);
}

}  // namespace
}  // namespace tp::controller
