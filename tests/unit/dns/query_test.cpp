#include "probe/measure/dns/query.hpp"

#include <gtest/gtest.h>
#include <ldns/ldns.h>

#include "base/handle.hpp"
#include "tests/unit/dns/octets.hpp"

namespace tp::probe {
namespace {

using message = handle<ldns_pkt, ldns_pkt_free>;

/// As a DNS library reads it.
message read(std::string const& wire)
{
    ldns_pkt* out = nullptr;
    auto const* const octets = reinterpret_cast<std::uint8_t const*>(wire.data());
    EXPECT_EQ(::ldns_wire2pkt(&out, octets, wire.size()), LDNS_STATUS_OK);
    return message(out);
}

proto::dns_options asking(std::string name)
{
    proto::dns_options out;
    out.query_argument = std::move(name);
    return out;
}

dns_query_values values()
{
    return {0xabcd,
            probe_id::from(1234).value(),
            from_unix_seconds(1'700'000'000),
            0x0123456789abcdef,
            {1, 2, 3, 4, 5, 6, 7, 8}};
}

std::string question_of(ldns_pkt const* from)
{
    auto const* const record = ::ldns_rr_list_rr(::ldns_pkt_question(from), 0);
    handle<char, ::free> const text(::ldns_rdf2str(::ldns_rr_owner(record)));
    return text.get();
}

TEST(dns_query, the_plain_one_is_a_header_and_a_question)
{
    auto const wire = make_query(asking("Example.test"), values()).value();
    EXPECT_EQ(wire, text_of({0xab, 0xcd, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}) + "\7Example\4test" + text_of({0, 0, 1, 0, 1}));
}

TEST(dns_query, has_the_options_that_were_asked_for)
{
    auto options = asking("hostname.bind.");
    options.query_class = 3;
    options.query_type = 16;
    options.set_rd_bit = options.set_cd_bit = options.set_do_bit = options.set_nsid_bit = options.set_cookie = true;
    options.udp_payload_size = 1232;
    auto const got = read(make_query(options, values()).value());
    ASSERT_TRUE(got);
    EXPECT_EQ(::ldns_pkt_id(got.get()), 0xabcd);
    EXPECT_FALSE(::ldns_pkt_qr(got.get()));
    EXPECT_TRUE(::ldns_pkt_rd(got.get()));
    EXPECT_TRUE(::ldns_pkt_cd(got.get()));
    EXPECT_FALSE(::ldns_pkt_ad(got.get()));
    EXPECT_TRUE(::ldns_pkt_edns_do(got.get()));
    EXPECT_EQ(::ldns_pkt_edns_udp_size(got.get()), 1232);
    EXPECT_EQ(question_of(got.get()), "hostname.bind.");
    auto const* const record = ::ldns_rr_list_rr(::ldns_pkt_question(got.get()), 0);
    EXPECT_EQ(::ldns_rr_get_type(record), LDNS_RR_TYPE_TXT);
    EXPECT_EQ(::ldns_rr_get_class(record), LDNS_RR_CLASS_CH);
    auto const* const data = ::ldns_pkt_edns_data(got.get());
    ASSERT_TRUE(data);
    std::string const options_sent(reinterpret_cast<char const*>(::ldns_rdf_data(data)), ::ldns_rdf_size(data));
    EXPECT_EQ(options_sent, text_of({0, 3, 0, 0, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(dns_query, asks_for_recursion_where_that_is_wanted_and_the_probes_own_resolvers_always)
{
    for (auto const& [own, wanted] : {std::pair{false, false}, {false, true}, {true, false}, {true, true}}) {
        auto options = asking("x.test");
        options.use_probe_resolver = own;
        options.set_rd_bit = wanted;
        EXPECT_EQ(::ldns_pkt_rd(read(make_query(options, values()).value()).get()), own || wanted) << own << wanted;
    }
}

TEST(dns_query, uses_edns_only_where_an_option_needs_it)
{
    auto const edns = [](auto change) {
        auto options = asking("x.test");
        change(options);
        return ::ldns_pkt_edns(read(make_query(options, values()).value()).get());
    };
    EXPECT_FALSE(edns([](auto&) {}));
    EXPECT_FALSE(edns([](auto& o) { o.set_rd_bit = o.set_cd_bit = true; }));
    EXPECT_TRUE(edns([](auto& o) { o.udp_payload_size = 4096; }));
    EXPECT_TRUE(edns([](auto& o) { o.set_do_bit = true; }));
    EXPECT_TRUE(edns([](auto& o) { o.set_nsid_bit = true; }));
    EXPECT_TRUE(edns([](auto& o) { o.set_cookie = true; }));
}

TEST(dns_query, macros_are_resolved_when_they_are_asked_for)
{
    auto options = asking("$p.$t.$r.x.test");
    EXPECT_EQ(query_name(options, values()).value(), "$p.$t.$r.x.test");
    options.use_macros = true;
    EXPECT_EQ(query_name(options, values()).value(), "1234.1700000000.0123456789abcdef.x.test");
    options.query_argument = "no.macros";
    EXPECT_EQ(query_name(options, values()).value(), "no.macros");
}

TEST(dns_query, any_other_macro_fails_it)
{
    for (auto const* const name : {"$x.test", "a.$", "$$p.test", "$P.test"}) {
        SCOPED_TRACE(name);
        auto options = asking(name);
        options.use_macros = true;
        EXPECT_EQ(make_query(options, values()).error(), errc::malformed);
    }
}

TEST(dns_query, the_probes_number_and_the_time_come_first)
{
    auto options = asking("$p.test");
    options.prepend_probe_id = options.use_macros = true;
    EXPECT_EQ(query_name(options, values()).value(), "1234.1700000000.1234.test");
    options.query_argument = ".";
    EXPECT_EQ(query_name(options, values()).value(), "1234.1700000000.");
}

TEST(dns_query, names_are_read_as_zone_files_write_them)
{
    struct row {
        std::string name, wire;
    };
    std::string const longest_label(63, 'a');
    for (auto const& [name, wire] : {
             row{".", text_of({0})},
             row{"test", "\4test" + text_of({0})},
             row{"test.", "\4test" + text_of({0})},
             row{"a\\.b.test", "\3a.b\4test" + text_of({0})},
             row{"\\000\\255.test", text_of({2, 0, 255}) + "\4test" + text_of({0})},
             row{"_sip._udp.x", "\4_sip\4_udp\1x" + text_of({0})},
             row{longest_label, text_of({63}) + longest_label + text_of({0})},
         }) {
        SCOPED_TRACE(name);
        auto const got = name_to_wire(name);
        ASSERT_TRUE(got);
        EXPECT_EQ(*got, wire);
    }
}

TEST(dns_query, what_is_no_name_is_malformed)
{
    std::string labels;
    for (int i = 0; i < 128; ++i) labels += "a.";  // 257 octets
    for (auto const& name : {std::string(), std::string("a..b"), std::string(".a"), std::string(64, 'a'), labels,
                             std::string("a\0b", 3), std::string("a\\256.test")}) {
        SCOPED_TRACE(name);
        EXPECT_EQ(name_to_wire(name).error(), errc::malformed);
    }
}

TEST(dns_query, an_id_can_be_changed)
{
    auto wire = make_query(asking("x.test"), values()).value();
    write_id(wire, 0x0102);
    EXPECT_EQ(wire.substr(0, 2), text_of({1, 2}));
}

}  // namespace
}  // namespace tp::probe
