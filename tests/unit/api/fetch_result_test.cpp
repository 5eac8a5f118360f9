#include <gtest/gtest.h>

#include "tests/unit/api/result_samples.hpp"

namespace tp::api {
namespace {

using namespace samples;

proto::http_report http()
{
    proto::http_report out;
    out.uri = "http://a1.example:80/4096";
    out.status = 200;
    out.version = "1.1";
    out.header_size = 131;
    out.body_size = 4096;
    out.round_trip = microseconds(45'953);
    return out;
}

proto::tls_report tls()
{
    proto::tls_report out;
    out.version = "1.3";
    out.cipher = "0x1302";
    out.connect_time = microseconds(10'500);
    out.round_trip = microseconds(21'250);
    out.certificates = {std::string(49, 'A'), "Zm"};
    return out;
}

TEST(http_result, is_written_as_atlas_does)
{
    EXPECT_EQ(text_of(report(http())),
              enclosed(R"("uri":"http://a1.example:80/4096","result":[{"method":"GET","af":4,"dst_addr":"192.0.2.1",)"
                       R"("src_addr":"10.0.0.2","rt":45.953,"res":200,"ver":"1.1","hsize":131,"bsize":4096}])",
                       "HTTPGet", "http"));
}

TEST(http_result, tells_timing_and_headers_that_were_asked_for)
{
    auto more = http();
    more.method = proto::http_method::post;
    more.connect_time = milliseconds(10);
    more.first_byte_time = milliseconds(20);
    more.reads = {{0, milliseconds(20)}, {1448, nanoseconds(20'000'001)}};
    more.headers = {"HTTP/1.1 200 OK", "X: \"y\""};
    more.truncated = true;
    auto told = report(more);
    told.resolve_time = milliseconds(5);
    EXPECT_EQ(
        text_of(told),
        enclosed(R"("uri":"http://a1.example:80/4096","ttr":5,"result":[{"method":"POST","af":4,)"
                 R"("dst_addr":"192.0.2.1","src_addr":"10.0.0.2","rt":45.953,"res":200,"ver":"1.1","hsize":131,)"
                 R"("bsize":4096,"ttr":5,"ttc":10,"ttfb":20,"readtiming":[{"o":0,"t":20},{"o":1448,"t":20.000001}],)"
                 R"("header":["HTTP/1.1 200 OK","X: \"y\""],"read-truncated":true}])",
                 "HTTPGet", "http"));
}

TEST(http_result, names_a_failure_by_whose_it_is)
{
    using enum proto::failure_source;
    struct row {
        proto::failure_source source;
        std::string name;
    };
    for (auto const& [source, name] : {row{target, "err"}, row{network, "err"}, row{resolver, "dnserr"},
                                       row{probe, "sockerr"}, row{guard, "error"}}) {
        proto::http_report nothing;
        nothing.uri = "http://a1.example:80/";
        auto const text = text_of(failed(nothing, source, "words"));
        EXPECT_NE(text.find(R"("src_addr":"10.0.0.2",")" + name + R"(":"words"}],"msm_id")"), std::string::npos)
            << text;
    }
}

TEST(sslcert_result, is_written_as_atlas_does)
{
    EXPECT_EQ(
        text_of(report(tls())),
        enclosed(
            R"("dst_name":"192.0.2.1","af":4,"dst_addr":"192.0.2.1","src_addr":"10.0.0.2","dst_port":"443",)"
            R"("method":"TLS","ver":"1.3","ttc":10.5,"rt":21.25,"server_cipher":"0x1302","cert":[)"
            R"("-----BEGIN CERTIFICATE-----\nQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\nQQ==\n)"
            R"(-----END CERTIFICATE-----",)"
            R"("-----BEGIN CERTIFICATE-----\nWm0=\n-----END CERTIFICATE-----"])",
            "SSLCert", "sslcert"));
}

TEST(sslcert_result, of_an_alert_tells_it)
{
    proto::tls_report refused;
    refused.port = 8443;
    refused.connect_time = milliseconds(1);
    refused.alert = proto::tls_alert{2, 40};
    EXPECT_EQ(
        text_of(report(refused)),
        enclosed(R"("dst_name":"192.0.2.1","af":4,"dst_addr":"192.0.2.1","src_addr":"10.0.0.2","dst_port":"8443",)"
                 R"("method":"TLS","ttc":1,"alert":{"level":2,"description":40})",
                 "SSLCert", "sslcert"));
}

TEST(sslcert_result, of_a_failure_says_why)
{
    auto const text = text_of(failed(proto::tls_report{}, proto::failure_source::target, "connect: timeout"));
    EXPECT_NE(text.find(R"("method":"TLS","err":"connect: timeout","msm_id")"), std::string::npos);
    EXPECT_NE(text.find(R"("failure_source":"target")"), std::string::npos);
}

}  // namespace
}  // namespace tp::api
