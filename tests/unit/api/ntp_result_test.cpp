#include <gtest/gtest.h>

#include "tests/unit/api/result_samples.hpp"

namespace tp::api {
namespace {

using namespace samples;

proto::ntp_packet packet()
{
    proto::ntp_packet out;
    out.received = true;
    out.origin = 3'957'337'543ULL << 32 | 0x2BD5'0000;
    out.receive = 3'957'337'543ULL << 32 | 0x8000'0000;
    out.transmit = 3'957'337'543ULL << 32 | 0x8000'0001;
    out.final = 3'957'337'543ULL << 32 | 0xFFFF'FFFF;  // rounds up to the next second
    out.round_trip = nanoseconds(8'944'000);
    out.offset = nanoseconds(-334'001);
    out.version = 4;
    out.mode = 4;
    out.stratum = 1;
    out.poll = 6;
    out.precision = -20;
    out.root_dispersion = 13;
    out.reference_id = 0x4750'5300;
    out.reference = 3'957'337'537ULL << 32;
    return out;
}

std::string const top = R"("dst_name":"192.0.2.1","af":4,"dst_addr":"192.0.2.1","src_addr":"10.0.0.2","proto":"UDP",)";
std::string const header =
    R"("li":"no","version":4,"mode":"server","stratum":1,"poll":64,"precision":9.5367431640625e-07,"root-delay":0,)"
    R"("root-dispersion":0.0001983642578125,"ref-id":"GPS","ref-ts":3957337537.000000000)";
std::string const times =
    R"("origin-ts":3957337543.171218872,"receive-ts":3957337543.500000000,"transmit-ts":3957337543.500000000,)"
    R"("final-ts":3957337544.000000000,"rtt":0.008944000,"offset":-0.000334001)";

TEST(ntp_result, is_written_as_atlas_does)
{
    EXPECT_EQ(text_of(report(proto::ntp_report{{{}, packet(), packet()}})),
              enclosed(top + header + R"(,"result":[{"x":"*"},{)" + times + "},{" + times + "}]", "Ntp", "ntp"));
}

TEST(ntp_result, repeats_of_the_header_what_has_changed)
{
    auto kiss = packet();
    kiss.leap = 3;
    kiss.stratum = 0;
    kiss.poll = 3;
    kiss.precision = 0;
    kiss.reference_id = 0x5241'5445;
    kiss.reference = 0;
    auto const changed = R"("li":"unknown","stratum":"invalid","poll":8,"precision":1,"ref-id":"RATE",)"
                         R"("ref-ts":0.000000000,)";
    proto::ntp_packet refused;
    refused.error = "connection refused";
    EXPECT_EQ(text_of(report(proto::ntp_report{{packet(), kiss, refused}})),
              enclosed(top + header + R"(,"result":[{)" + times + "},{" + changed + times +
                           R"(},{"error":"connection refused"}])",
                       "Ntp", "ntp"));
}

TEST(ntp_result, has_words_for_strata_and_octets_for_servers)
{
    struct row {
        unsigned stratum;
        std::string expected;
    };
    for (auto const& [stratum, expected] :
         {row{2, R"("stratum":2,)"}, row{15, R"("stratum":15,)"}, row{16, R"("stratum":"unsynchronized",)"},
          row{17, R"x("stratum":"reserved (17)",)x"}}) {
        auto one = packet();
        one.stratum = stratum;
        one.reference_id = 0xC11E'78F5;
        auto const text = text_of(report(proto::ntp_report{{one}}));
        EXPECT_NE(text.find(expected), std::string::npos) << text;
        EXPECT_NE(text.find(R"("ref-id":"c11e78f5")"), std::string::npos) << text;
    }
}

TEST(ntp_result, of_silence_and_of_failure)
{
    EXPECT_EQ(text_of(report(proto::ntp_report{{{}, {}}})),
              enclosed(top + R"("result":[{"x":"*"},{"x":"*"}])", "Ntp", "ntp"));
    auto const text = text_of(failed(proto::ntp_report{}, proto::failure_source::resolver, "name resolution failed"));
    EXPECT_NE(text.find(R"("result":[{"error":"name resolution failed"}])"), std::string::npos);
}

}  // namespace
}  // namespace tp::api
