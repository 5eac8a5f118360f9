#include "registry/watch/canaries.hpp"

#include <gmock/gmock.h>

#include "proto/report.hpp"

namespace tp::registry {
namespace {

using namespace std::chrono_literals;
using detect::canary;

wall_time const now = from_unix_seconds(1'800'000'000);

canary_settings read(std::string const& text, std::string& complaint)
{
    auto from = settings::parse(text, "test.toml");
    auto out = read_canary_settings(from);
    complaint = from.finish().value_or("");
    return out;
}

canary_target target_of(canary kind)
{
    return {kind, proto::family::v4, kind == canary::absent_name ? "absent.example" : "192.0.2.7", 443};
}

store::canary_job asked(canary kind)
{
    auto made = canary_measurement(target_of(kind), *account_id::from(1), now, 3600s, "4711");
    return {made.job, made.canary};
}

/// What is found of an answer to this canary.
detect::canary_hour judged(canary kind, proto::findings found, std::optional<proto::failure> failed = {})
{
    auto seen = canary_hours::of(asked(kind)).value();
    proto::report report{.failed = std::move(failed), .found = std::move(found)};
    auto const probe = *probe_id::from(1);
    seen.add({asked(kind).job.measurement, probe, now, 1, 1, 0, {}, proto::encode(report)});
    probe_hours hours;
    hours[probe];
    seen.give_to(hours);
    if (hours[probe].canaries.empty()) return {.measurement = asked(kind).job.measurement};
    return hours[probe].canaries.front();
}

proto::dns_report dns_answer(unsigned rcode, unsigned records)
{
    std::string head(12, '\0');
    head[3] = static_cast<char>(rcode);
    head[7] = static_cast<char>(records);
    proto::dns_report out;
    out.exchanges.emplace_back().answer = head;
    return out;
}

proto::http_report page(std::optional<unsigned> status, std::vector<std::string> headers = {})
{
    proto::http_report out;
    out.status = status;
    out.headers = std::move(headers);
    return out;
}

TEST(canary_settings, are_tables_of_targets_that_must_fail)
{
    std::string complaint;
    auto const chosen = read(R"(
detectors.canary_probes = 7
[[canaries]]
kind = "unannounced-prefix"
target = "2001:db8::1"
[[canaries]]
kind = "closed-port"
target = "192.0.2.7"
port = 9
[[canaries]]
kind = "absent-name"
target = "absent.example"
[[canaries]]
kind = "nonce"
target = "192.0.2.8"
)",
                             complaint);
    EXPECT_EQ(complaint, "");
    EXPECT_EQ(chosen.probes, 7U);
    ASSERT_EQ(chosen.targets.size(), 4U);
    EXPECT_EQ(chosen.targets[0].af, proto::family::v6);
    EXPECT_EQ(chosen.targets[1].port, 9);
    EXPECT_EQ(chosen.targets[2].target, "absent.example");
    EXPECT_EQ(chosen.targets[3].port, 80);
    auto const again = read(canaries_text(chosen), complaint);
    EXPECT_EQ(complaint, "");
    EXPECT_EQ(canaries_text(again), canaries_text(chosen));
}

TEST(canary_settings, name_what_cannot_be_used)
{
    for (auto const* text : {"kind = \"other\"\ntarget = \"192.0.2.7\"", "target = \"192.0.2.7\"",
                             "kind = \"closed-port\"\ntarget = \"www.example.net\"", "kind = \"absent-name\"",
                             "kind = \"nonce\"\ntarget = \"192.0.2.7\"\nprt = 1",
                             "kind = \"closed-port\"\ntarget = \"192.0.2.7\"\nport = 0"}) {
        std::string complaint;
        read("[[canaries]]\n" + std::string(text), complaint);
        EXPECT_NE(complaint, "") << text;
    }
}

TEST(canary_measurement, is_asked_for_a_round_and_nobody_elses_to_see)
{
    for (auto const kind : {canary::unannounced_prefix, canary::closed_port, canary::absent_name, canary::nonce}) {
        auto const made = canary_measurement(target_of(kind), *account_id::from(1), now, 3600s, "4711");
        EXPECT_EQ(made.job.when.stop, now + 3600s);
        EXPECT_EQ(made.job.when.interval, 900s);
        EXPECT_FALSE(made.is_public);
        EXPECT_EQ(made.canary, word_for(kind));
        EXPECT_EQ(made.job.target.empty(), kind == canary::absent_name);
        EXPECT_EQ(made.job.address.has_value(), kind != canary::absent_name);
    }
}

TEST(canary_hours, a_reply_from_where_nobody_is_is_wrong)
{
    proto::ping_report silent{48, {{}}}, refused{48, {{}}}, answered{48, {{}}};
    refused.packets[0].error = "network unreachable";
    answered.packets[0].round_trip = 9ms;
    EXPECT_EQ(judged(canary::unannounced_prefix, silent).asked, 1U);
    EXPECT_EQ(judged(canary::unannounced_prefix, silent).wrong, 0U);
    EXPECT_EQ(judged(canary::unannounced_prefix, refused).wrong, 0U);
    EXPECT_EQ(judged(canary::unannounced_prefix, answered).wrong, 1U);
}

TEST(canary_hours, a_connection_to_a_closed_port_is_wrong)
{
    proto::tls_report connected;
    connected.connect_time = 9ms;
    EXPECT_EQ(judged(canary::closed_port, proto::tls_report{}).wrong, 0U);
    EXPECT_EQ(judged(canary::closed_port, connected).wrong, 1U);
}

TEST(canary_hours, records_of_a_name_that_does_not_exist_are_wrong)
{
    EXPECT_EQ(judged(canary::absent_name, dns_answer(3, 0)).wrong, 0U);
    EXPECT_EQ(judged(canary::absent_name, dns_answer(0, 0)).wrong, 0U);
    EXPECT_EQ(judged(canary::absent_name, dns_answer(0, 1)).wrong, 1U);
    proto::dns_report silent;
    silent.exchanges.emplace_back().error_name = "timeout";
    EXPECT_EQ(judged(canary::absent_name, silent).asked, 0U);
}

TEST(canary_hours, an_anchor_says_the_nonce_of_this_round)
{
    EXPECT_EQ(judged(canary::nonce, page(200, {"Server: x", "X-Trigpoint-Nonce: 4711"})).wrong, 0U);
    EXPECT_EQ(judged(canary::nonce, page(200, {"X-Trigpoint-Nonce: 4710"})).wrong, 1U);
    EXPECT_EQ(judged(canary::nonce, page(200)).wrong, 1U);
}

TEST(canary_hours, nonces_that_do_not_come_count_only_where_others_have_them)
{
    auto seen = canary_hours::of(asked(canary::nonce)).value();
    auto const deaf = *probe_id::from(1), well = *probe_id::from(2);
    auto const tell = [&](probe_id by, proto::http_report found) {
        proto::report report{.found = std::move(found)};
        seen.add({asked(canary::nonce).job.measurement, by, now, 1, 4, 0, {}, proto::encode(report)});
    };
    probe_hours alone, beside;
    tell(deaf, page({}));
    alone[deaf];
    seen.give_to(alone);
    EXPECT_EQ(alone[deaf].canaries.at(0).unanswered, 0U);
    tell(well, page(200, {"X-Trigpoint-Nonce: 4711"}));
    beside[deaf];
    seen.give_to(beside);
    EXPECT_EQ(beside[deaf].canaries.at(0).unanswered, 1U);
}

TEST(canary_hours, what_the_probe_itself_refused_says_nothing)
{
    proto::failure const refused{proto::failure_source::guard, "quiet hours"};
    EXPECT_EQ(judged(canary::unannounced_prefix, proto::ping_report{}, refused).asked, 0U);
    EXPECT_EQ(canary_hours::of({asked(canary::nonce).job, "other"}).error(), errc::malformed);
}

}  // namespace
}  // namespace tp::registry
