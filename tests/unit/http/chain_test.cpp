#include "probe/measure/tls/chain.hpp"

#include <gtest/gtest.h>

#include "proto/findings.hpp"

namespace tp::probe {
namespace {

std::string vector_of(std::string const& octets, unsigned octets_of_length)
{
    std::string out;
    for (unsigned i = octets_of_length; i-- > 0;) out += static_cast<char>(octets.size() >> (8 * i) & 0xff);
    return out + octets;
}

std::string message(std::vector<std::string> const& certificates, bool v1_3, std::string const& extensions = "")
{
    std::string list;
    for (auto const& one : certificates) list += vector_of(one, 3) + (v1_3 ? vector_of(extensions, 2) : "");
    return (v1_3 ? vector_of("", 1) : "") + vector_of(list, 3);
}

TEST(certificate_message, holds_the_chain_in_its_order_whatever_it_is)
{
    std::vector<std::string> const sent{"leaf", "", std::string(30'000, 'r'), "leaf"};
    for (bool const v1_3 : {false, true}) {
        auto const got = read_certificate_message(message(sent, v1_3, "extension"), v1_3);
        EXPECT_EQ(got.certificates, sent);
        EXPECT_EQ(got.left_out, 0U);
        EXPECT_FALSE(got.malformed);
        auto const none = read_certificate_message(message({}, v1_3), v1_3);
        EXPECT_TRUE(none.certificates.empty());
        EXPECT_FALSE(none.malformed);
    }
}

TEST(certificate_message, more_than_a_report_holds_is_counted)
{
    std::vector<std::string> const many(20, "certificate");
    auto const got = read_certificate_message(message(many, false), false);
    EXPECT_EQ(got.certificates.size(), proto::tls_report::most_certificates);
    EXPECT_EQ(got.left_out, 4U);
    auto const large = read_certificate_message(message({"a", std::string(60'000, 'x'), "b"}, true), true);
    EXPECT_EQ(large.certificates, std::vector<std::string>{"a"});
    EXPECT_EQ(large.left_out, 2U);
}

TEST(certificate_message, what_is_cut_or_too_long_is_malformed)
{
    for (bool const v1_3 : {false, true}) {
        auto const whole = message({"one", "two"}, v1_3, "e");
        for (std::size_t size = 0; size < whole.size(); ++size) {
            SCOPED_TRACE(size);
            EXPECT_TRUE(read_certificate_message(whole.substr(0, size), v1_3).malformed);
        }
        EXPECT_TRUE(read_certificate_message(whole + "x", v1_3).malformed);
        auto liar = message({"one", "two"}, v1_3);
        liar[liar.size() - (v1_3 ? 6 : 4)] = '\x7f';  // the length of the second
        auto const got = read_certificate_message(liar, v1_3);
        EXPECT_TRUE(got.malformed);
        EXPECT_EQ(got.certificates, std::vector<std::string>{"one"});
    }
}

}  // namespace
}  // namespace tp::probe
