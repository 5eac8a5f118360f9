#include "registry/watch/look_ups.hpp"

#include <gmock/gmock.h>

#include "proto/codec.hpp"
#include "tests/unit/watch/dns_message.hpp"

namespace tp::registry {
namespace {

using namespace std::chrono_literals;
using namespace test;
using proto::family;
using testing::ElementsAre;
using testing::IsEmpty;
using enum resolver_said;

constexpr std::string_view name = "lOoK.eXaMpLe";
wall_time const now = from_unix_seconds(1'800'000'000);
account_id const owner = *account_id::from(1);

look_up_settings usual()
{
    look_up_settings out;
    out.name = "Look.example";
    out.a = {parse_address("192.0.2.7").value(), parse_address("192.0.2.8").value()};
    out.aaaa = {parse_address("2001:db8::7").value()};
    return out;
}

look_up_settings read(std::string const& text, std::string& complaint)
{
    auto from = settings::parse(text, "test.toml");
    auto out = read_look_up_settings(from);
    complaint = from.finish().value_or("");
    return out;
}

proto::dns_exchange told(std::string message)
{
    proto::dns_exchange out;
    out.answer = std::move(message);
    return out;
}
proto::dns_exchange failed(std::string error)
{
    proto::dns_exchange out;
    out.error_name = std::move(error);
    return out;
}
proto::dns_exchange with(std::vector<record> const& records, std::string_view question = name)
{
    return told(answer(question, records));
}

proto::report report_of(std::vector<proto::dns_exchange> exchanges)
{
    proto::dns_report found{.by_resolvers = true, .exchanges = std::move(exchanges)};
    return {.found = std::move(found)};
}

std::optional<look_up_verdict> judged(std::vector<proto::dns_exchange> exchanges)
{
    return judge_look_up(report_of(std::move(exchanges)), name, address_record::a, usual().a);
}
std::optional<resolver_said> said(std::vector<proto::dns_exchange> exchanges)
{
    auto const verdict = judged(std::move(exchanges));
    return verdict ? std::optional(verdict->said) : std::nullopt;
}

auto const right = with({address("192.0.2.8")}), wrong = with({address("192.0.2.7"), address("192.0.2.66")}),
           absent = told(answer(name, {}, 0x8183)), empty = with({}), broken = told(answer(name, {}, 0x8182)),
           silent = failed("timeout");

store::look_up_job standing(look_up_settings const& chosen, look_up what, int number)
{
    auto made = standing_look_up(chosen, what, owner, now - 1h);
    auto job = proto::decode_job(proto::encode(made.job)).value();
    job.measurement = *measurement_id::from(number);
    return {job, made.look_up};
}

TEST(look_up_settings, are_a_name_and_its_addresses)
{
    std::string complaint;
    EXPECT_EQ(look_ups_text(read("", complaint)), "");
    EXPECT_EQ(complaint, "");
    auto const chosen = read(R"(
[look_ups]
name = "look.example"
a = ["192.0.2.7", "192.0.2.8"]
every = 7200
)",
                             complaint);
    EXPECT_EQ(complaint, "");
    EXPECT_EQ(chosen.name, "look.example");
    EXPECT_THAT(chosen.a, ElementsAre(parse_address("192.0.2.7").value(), parse_address("192.0.2.8").value()));
    EXPECT_THAT(chosen.aaaa, IsEmpty());
    EXPECT_EQ(chosen.every, 2h);
    EXPECT_EQ(look_ups_text(read(look_ups_text(chosen), complaint)), look_ups_text(chosen));
    EXPECT_EQ(complaint, "");
}

TEST(look_up_settings, name_what_cannot_be_used)
{
    for (auto const* text :
         {"name = 'look.example'", "a = ['192.0.2.7']", "name = 'look.example.'\na = ['192.0.2.7']",
          "name = 'a b'\na = ['192.0.2.7']", "name = 'a.b'\na = ['2001:db8::7']", "name = 'a.b'\naaaa = ['192.0.2.7']",
          "name = 'a.b'\na = ['192.0.2.7']\nevery = 0",
          "name = 'a.b'\na = "
          "['1.1.1.1','1.1.1.2','1.1.1.3','1.1.1.4','1.1.1.5','1.1.1.6','1.1.1.7','1.1.1.8','1.1.1.9']"}) {
        std::string complaint;
        read("[look_ups]\n" + std::string(text), complaint);
        EXPECT_NE(complaint, "") << text;
    }
}

TEST(look_ups, are_asked_over_both_families_for_what_the_name_has)
{
    auto chosen = usual();
    EXPECT_EQ(look_ups_of(chosen).size(), 4U);
    chosen.aaaa.clear();
    EXPECT_THAT(look_ups_of(chosen),
                ElementsAre(look_up{address_record::a, family::v4}, look_up{address_record::a, family::v6}));
    chosen.name.clear();
    EXPECT_THAT(look_ups_of(chosen), IsEmpty());
}

TEST(look_ups, are_nobodys_to_see_and_ask_the_probes_own_resolvers_in_mixed_case)
{
    auto const made = standing_look_up(usual(), {address_record::aaaa, family::v6}, owner, now);
    EXPECT_TRUE(proto::decode_job(proto::encode(made.job))) << "a probe takes it";
    EXPECT_FALSE(made.is_public);
    EXPECT_EQ(made.canary, "") << "of isolated probes it is not asked";
    EXPECT_EQ(made.look_up, "aaaa");
    EXPECT_EQ(made.job.af, family::v6);
    auto const& asked = std::get<proto::dns_options>(made.job.options);
    EXPECT_EQ(asked.query_argument, name);
    EXPECT_EQ(asked.query_type, 28U);
    EXPECT_TRUE(asked.use_probe_resolver && asked.set_rd_bit && asked.include_abuf);
    EXPECT_EQ(made.job.when.interval, 4h);
    EXPECT_EQ(made.job.when.spread, 4h);
    EXPECT_FALSE(made.job.when.stop);
    auto const first = first_look_up(usual(), {address_record::a, family::v4}, owner, now, 1h);
    EXPECT_EQ(first.job.when.stop, now + 1h);
    EXPECT_EQ(first.job.when.interval, 1h);
}

TEST(look_up_plan, keeps_one_of_each_and_stops_the_rest)
{
    auto chosen = usual();
    chosen.aaaa.clear();
    look_up const v4{address_record::a, family::v4}, v6{address_record::a, family::v6};
    auto slower = chosen, other = chosen;
    slower.every = 5h;
    other.name = "other.example";
    auto const id = [](int number) { return *measurement_id::from(number); };
    auto const plan =
        plan_look_ups(chosen, {standing(slower, v4, 1), standing(chosen, v6, 2), standing(chosen, v6, 3),
                               standing(other, v4, 4), standing(usual(), {address_record::aaaa, family::v4}, 5)});
    EXPECT_THAT(plan.kept, ElementsAre(std::nullopt, std::optional(id(2))));
    EXPECT_THAT(plan.to_stop, ElementsAre(id(1), id(3), id(4), id(5)));
    chosen.name.clear();
    EXPECT_THAT(plan_look_ups(chosen, {standing(usual(), v4, 1)}).to_stop, ElementsAre(id(1)));
}

TEST(look_up_verdict, is_of_all_resolvers_that_answered)
{
    EXPECT_EQ(said({right}), correct);
    EXPECT_EQ(said({with({address("192.0.2.7"), address("192.0.2.8")})}), correct);
    EXPECT_EQ(said({wrong}), incorrect);
    EXPECT_EQ(said({right, wrong}), incorrect);
    EXPECT_EQ(said({right, silent}), correct);
    EXPECT_EQ(said({broken, right}), correct);
    EXPECT_EQ(said({right, absent}), incorrect) << "it denies what there is";
    EXPECT_EQ(said({absent}), denied);
    EXPECT_EQ(said({empty, silent}), denied);
    EXPECT_EQ(said({silent}), unanswered);
    EXPECT_EQ(said({broken}), unanswered);
}

TEST(look_up_verdict, is_none_where_the_probe_did_not_ask_or_not_all_was_kept)
{
    for (auto const* error : {"senderror", "socket", "nameserver"}) {
        EXPECT_EQ(said({failed(error)}), std::nullopt) << error;
        EXPECT_EQ(said({failed(error), right}), correct) << error;
    }
    EXPECT_EQ(said({}), std::nullopt);
    EXPECT_EQ(said({told("")}), std::nullopt) << "left out";
    EXPECT_EQ(said({told(answer(name, {address("192.0.2.66")}, 0x8380))}), std::nullopt) << "cut";
    auto refused = report_of({});
    refused.failed = proto::failure{proto::failure_source::guard, "not allowed"};
    EXPECT_FALSE(judge_look_up(refused, name, address_record::a, usual().a));
    EXPECT_FALSE(judge_look_up({.found = proto::ping_report{}}, name, address_record::a, usual().a));
}

TEST(look_up_verdict, what_is_no_answer_to_the_question_is_none)
{
    EXPECT_EQ(said({told("nonsense")}), unanswered);
    EXPECT_EQ(said({with({address("192.0.2.8")}, "other.example")}), unanswered);
    EXPECT_EQ(said({with({address("2001:db8::7")})}), denied) << "a record of another type";
}

TEST(look_up_verdict, tells_who_changes_the_letters_of_the_question)
{
    EXPECT_FALSE(judged({right})->mangles_case);
    auto const lower = with({address("192.0.2.8")}, "look.example");
    EXPECT_EQ(judged({right, lower}), (look_up_verdict{correct, true}));
    EXPECT_FALSE(judged({with({}, "other.example")})->mangles_case);
}

TEST(look_up_finding, is_of_the_name_and_the_addresses_of_today)
{
    auto chosen = usual();
    auto const asked = standing(chosen, {address_record::a, family::v6}, 1);
    auto const probe = *probe_id::from(7);
    store::result_row const row{asked.job.measurement, probe, now, 1, 3, 0, {}, proto::encode(report_of({right}))};
    auto const found = finding_of(chosen, asked, row);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->probe, probe);
    EXPECT_EQ(found->record, "a");
    EXPECT_EQ(found->af, family::v6);
    EXPECT_EQ(found->said, "correct");
    EXPECT_EQ(found->at, now);
    chosen.a = {parse_address("192.0.2.9").value()};
    EXPECT_EQ(finding_of(chosen, asked, row)->said, "incorrect");
    chosen.a.clear();
    EXPECT_FALSE(finding_of(chosen, asked, row));
    auto other = usual();
    other.name = "other.example";
    EXPECT_FALSE(finding_of(other, asked, row));
    auto unreadable = row;
    unreadable.payload = "\xff";
    EXPECT_FALSE(finding_of(usual(), asked, unreadable));
}

}  // namespace
}  // namespace tp::registry
