#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/proto/samples.hpp"

namespace tp::proto {
namespace {

using namespace samples;

template <class Body>
Body read_back(to_controller const& message)
{
    return std::get<Body>(decode_to_controller(encode(message)).value());
}

template <class Body>
Body read_back(from_controller const& message)
{
    return std::get<Body>(decode_from_controller(encode(message)).value());
}

TEST(controller_codec, brings_back_a_hello)
{
    auto const sent = some_controller_hello();
    auto const read = read_back<controller_hello>(to_controller(sent));
    EXPECT_EQ(read.versions, sent.versions);
    EXPECT_EQ(read.runs.version, sent.runs.version);
    EXPECT_EQ(read.runs.capabilities, sent.runs.capabilities);
    EXPECT_EQ(read.probe, sent.probe);
    EXPECT_EQ(read.boot_count, sent.boot_count);
    EXPECT_EQ(read.clock, sent.clock);
    EXPECT_EQ(read.holds, sent.holds);
}

TEST(controller_codec, brings_back_results)
{
    auto const sent = some_batch();
    auto const read = read_back<result_batch>(to_controller(sent));
    EXPECT_EQ(read.number, sent.number);
    ASSERT_EQ(read.results.size(), 1U);
    EXPECT_EQ(read.results[0].measurement, sent.results[0].measurement);
    EXPECT_EQ(read.results[0].timestamp, sent.results[0].timestamp);
    EXPECT_EQ(read.results[0].sequence, sent.results[0].sequence);
    EXPECT_EQ(read.results[0].kind, result_kind::ping);
    EXPECT_EQ(decode_report(read.results[0].report).value(), some_report());
}

TEST(controller_codec, brings_back_events_and_keepalives)
{
    auto const read = read_back<events>(to_controller(some_events()));
    ASSERT_EQ(read.list.size(), 1U);
    EXPECT_EQ(read.list[0].at, at(5));
    EXPECT_EQ(read.list[0].kind, "spool_dropped");
    EXPECT_EQ(read.list[0].text, "12 results");
    read_back<keepalive>(to_controller(keepalive{}));
    read_back<keepalive>(from_controller(keepalive{}));
}

TEST(controller_codec, brings_back_answers)
{
    auto const welcomed = read_back<welcome>(from_controller(welcome{1, at(99), 20s}));
    EXPECT_EQ(welcomed.version, 1U);
    EXPECT_EQ(welcomed.clock, at(99));
    EXPECT_EQ(welcomed.keepalive, 20s);

    auto const waiting = read_back<wait>(from_controller(wait{90s, "full"}));
    EXPECT_EQ(waiting.length, 90s);
    EXPECT_EQ(waiting.reason, "full");

    auto const refused = read_back<refuse>(from_controller(refuse{refusal::replaced, "another session", 5s}));
    EXPECT_EQ(refused.code, refusal::replaced);
    EXPECT_EQ(refused.reason, "another session");
    EXPECT_EQ(refused.retry_after, 5s);

    auto const done = read_back<acknowledge>(from_controller(acknowledge{{1, 2, UINT64_MAX}}));
    EXPECT_EQ(done.batches, (std::vector<std::uint64_t>{1, 2, UINT64_MAX}));
}

TEST(controller_codec, brings_back_jobs)
{
    auto const page = read_back<job_page>(from_controller(job_page{true, false, {some_job(1), some_job(2)}}));
    EXPECT_TRUE(page.first);
    EXPECT_FALSE(page.last);
    EXPECT_EQ(page.jobs, (std::vector{some_job(1), some_job(2)}));
    EXPECT_TRUE(read_back<job_page>(from_controller(job_page{true, true, {}})).jobs.empty());

    auto const change = read_back<job_change>(from_controller(job_change{{some_job(3)}, {*measurement_id::from(4)}}));
    EXPECT_EQ(change.changed, std::vector{some_job(3)});
    EXPECT_EQ(change.removed, std::vector{*measurement_id::from(4)});
}

TEST(controller_codec, brings_back_parts_of_documents)
{
    for (bool const first : {false, true}) {
        for (bool const last : {false, true}) {
            document_part const sent{"anchors", first, last, std::string("\0\xff\n", 3)};
            EXPECT_EQ(read_back<document_part>(from_controller(sent)), sent);
        }
    }
}

TEST(controller_codec, drops_only_jobs_of_a_later_kind)
{
    job_page const sent{true, true, {some_job(1), some_job(2), some_job(3)}};
    auto message = wire<v1::FromController>(encode(from_controller(sent)));
    auto& later = *message.mutable_job_page()->mutable_jobs(1);
    later.clear_options();  // as a kind looks that this build has no field for
    auto const read = std::get<job_page>(decode_from_controller(message.SerializeAsString()).value());
    EXPECT_EQ(read.jobs, (std::vector{some_job(1), some_job(3)}));

    message.mutable_job_page()->mutable_jobs(0)->set_measurement(0);
    EXPECT_EQ(decode_from_controller(message.SerializeAsString()).error(), errc::malformed);
}

TEST(controller_codec, keeps_the_numbers_of_later_result_kinds)
{
    for (std::int32_t const number : {7, 32'767}) {
        auto sent = some_batch();
        sent.results[0].kind = static_cast<result_kind>(number);
        EXPECT_EQ(read_back<result_batch>(to_controller(sent)).results[0].kind, sent.results[0].kind);
    }
}

TEST(controller_codec, moves_absurd_times_of_results_to_the_limits)
{
    for (auto const& [sent, expected] :
         {std::pair{INT64_MIN, 0L}, std::pair{-1L, 0L}, std::pair{INT64_MAX, 7'258'118'400L}}) {
        auto batch = some_batch();
        batch.results[0].timestamp = at(sent);
        EXPECT_EQ(to_unix_seconds(read_back<result_batch>(to_controller(batch)).results[0].timestamp), expected);
    }
}

TEST(controller_codec, refuses_what_a_probe_must_not_say)
{
    using enum errc;
    struct row {
        std::string_view name;
        to_controller message;
        std::function<void(v1::ToController&)> change;
        errc expected;
    };
    auto const hello = some_controller_hello();
    auto const batch = some_batch();
    auto const item = [](auto& m) { return m.mutable_results()->mutable_results(0); };
    for (auto const& [name, message, change, expected] : {
             row{"no versions", hello, [](auto& m) { m.mutable_hello()->clear_versions(); }, malformed},
             row{"version 0", hello, [](auto& m) { m.mutable_hello()->mutable_versions()->set_lowest(0); }, malformed},
             row{"turned range", hello, [](auto& m) { m.mutable_hello()->mutable_versions()->set_lowest(2); },
                 malformed},
             row{"no probe", hello, [](auto& m) { m.mutable_hello()->clear_probe(); }, malformed},
             row{"negative probe", hello, [](auto& m) { m.mutable_hello()->set_probe(-42); }, malformed},
             row{"long version", hello,
                 [](auto& m) { m.mutable_hello()->mutable_runs()->set_version(std::string(1025, 'v')); }, too_large},
             row{"long name", hello,
                 [](auto& m) { m.mutable_hello()->mutable_holds(0)->set_name(std::string(65, 'n')); }, too_large},
             row{"no measurement", batch, [&](auto& m) { item(m)->clear_measurement(); }, malformed},
             row{"no kind", batch, [&](auto& m) { item(m)->clear_kind(); }, malformed},
             row{"negative kind", batch, [&](auto& m) { item(m)->set_kind(-1); }, malformed},
             row{"wide kind", batch, [&](auto& m) { item(m)->set_kind(32'768); }, malformed},
             row{"large report", batch, [&](auto& m) { item(m)->set_report(std::string(largest_report + 1, 'r')); },
                 too_large},
             row{"long event", some_events(),
                 [](auto& m) { m.mutable_events()->mutable_list(0)->set_text(std::string(1025, 't')); }, too_large},
             row{"no text", some_events(), [](auto& m) { m.mutable_events()->mutable_list(0)->set_kind("\xff"); },
                 malformed},
         }) {
        SCOPED_TRACE(name);
        auto changed = wire<v1::ToController>(encode(message));
        change(changed);
        auto const read = decode_to_controller(changed.SerializeAsString());
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error(), expected);
    }
}

TEST(controller_codec, refuses_what_a_controller_must_not_say)
{
    using enum errc;
    struct row {
        std::string_view name;
        from_controller message;
        std::function<void(v1::FromController&)> change;
        errc expected;
    };
    welcome const hi{1, at(1), 20s};
    refuse const no{refusal::revoked, "no", 1s};
    job_change const change_of_jobs{{some_job()}, {*measurement_id::from(4)}};
    for (auto const& [name, message, change, expected] : {
             row{"no version", hi, [](auto& m) { m.mutable_welcome()->clear_version(); }, malformed},
             row{"no keepalive", hi, [](auto& m) { m.mutable_welcome()->clear_keepalive_ms(); }, malformed},
             row{"endless keepalive", hi, [](auto& m) { m.mutable_welcome()->set_keepalive_ms(INT64_MAX); }, malformed},
             row{"negative wait", wait{}, [](auto& m) { m.mutable_wait()->set_length_ms(-1); }, malformed},
             row{"long reason", wait{}, [](auto& m) { m.mutable_wait()->set_reason(std::string(1025, 'r')); },
                 too_large},
             row{"no code", no, [](auto& m) { m.mutable_refuse()->clear_code(); }, malformed},
             row{"endless refusal", no, [](auto& m) { m.mutable_refuse()->set_retry_after_ms(INT64_MAX); }, malformed},
             row{"measurement 0", change_of_jobs, [](auto& m) { m.mutable_job_change()->set_removed(0, 0); },
                 malformed},
         }) {
        SCOPED_TRACE(name);
        auto changed = wire<v1::FromController>(encode(message));
        change(changed);
        auto const read = decode_from_controller(changed.SerializeAsString());
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error(), expected);
    }
}

TEST(controller_codec, takes_no_batch_without_results)
{
    EXPECT_EQ(decode_to_controller(encode(to_controller(result_batch{.number = 1, .results = {}}))).error(),
              errc::malformed);
}

TEST(controller_codec, limits_every_list)
{
    auto const error_of = [](auto const& read) { return read ? error_code() : read.error(); };
    for (std::size_t const beyond : {0U, 1U}) {
        auto const expected = beyond ? make_error_code(errc::too_large) : error_code();
        result_batch batch{.number = 1, .results = {}};
        batch.results.resize(most_results + beyond,
                             {.measurement = *measurement_id::from(1), .kind = result_kind::ping, .report = "r"});
        EXPECT_EQ(error_of(decode_to_controller(encode(to_controller(batch)))), expected);

        events many;
        many.list.resize(most_events + beyond);
        EXPECT_EQ(error_of(decode_to_controller(encode(to_controller(many)))), expected);

        auto hello = some_controller_hello();
        hello.runs.capabilities.resize(most_capabilities + beyond);
        EXPECT_EQ(error_of(decode_to_controller(encode(to_controller(hello)))), expected);

        hello = some_controller_hello();
        hello.holds.resize(most_held + beyond, {"anchors", 1});
        EXPECT_EQ(error_of(decode_to_controller(encode(to_controller(hello)))), expected);

        job_page page;
        page.jobs.resize(most_jobs + beyond, some_job());
        EXPECT_EQ(error_of(decode_from_controller(encode(from_controller(page)))), expected);

        job_change change{.changed = page.jobs, .removed = {}};
        EXPECT_EQ(error_of(decode_from_controller(encode(from_controller(change)))), expected);
        change.changed.clear();
        change.removed.resize(most_jobs + beyond, *measurement_id::from(1));
        EXPECT_EQ(error_of(decode_from_controller(encode(from_controller(change)))), expected);

        acknowledge done;
        done.batches.resize(most_acknowledged + beyond, 1);
        EXPECT_EQ(error_of(decode_from_controller(encode(from_controller(done)))), expected);

        document_part part{.name = "anchors", .octets = std::string(document_part::largest + beyond, 'o')};
        EXPECT_EQ(error_of(decode_from_controller(encode(from_controller(part)))), expected);
        part = {.name = std::string(longest_name + beyond, 'n'), .octets = {}};
        EXPECT_EQ(error_of(decode_from_controller(encode(from_controller(part)))), expected);
    }
}

TEST(controller_codec, fits_full_lists_in_one_frame)
{
    acknowledge done;
    done.batches.resize(most_acknowledged, UINT64_MAX);
    EXPECT_LE(encode(from_controller(done)).size(), largest_frame);

    event const longest{.at = at(INT64_MAX), .kind = std::string(2000, 'k'), .text = std::string(2000, 't')};
    events many;
    many.list.resize(most_events, longest);
    EXPECT_LE(encode(to_controller(many)).size(), largest_frame);
    EXPECT_TRUE(decode_to_controller(encode(to_controller(many))));
}

TEST(controller_codec, holds_the_largest_job_within_its_limit)
{
    auto largest = some_job(INT32_MAX);
    largest.target.assign(job::longest_target, 'a');
    largest.address = address("2001:db8::1");
    largest.when = {.start = at(INT64_MAX),
                    .stop = at(INT64_MAX),
                    .interval = timetable::longest_interval,
                    .spread = timetable::longest_interval};
    http_options http;
    http.path.assign(http_options::longest_path, '/');
    http.query_string.assign(http_options::longest_query, 'q');
    http.user_agent.assign(http_options::longest_user_agent, 'u');
    http.max_bytes_read = http_options::most_body_bytes;
    dns_options dns;
    dns.query_argument.assign(dns_options::longest_argument, 'a');
    tls_options tls;
    tls.hostname.assign(tls_options::longest_hostname, 'a');
    for (options const& told : {options(http), options(dns), options(tls)}) {
        largest.options = told;
        EXPECT_LE(encode(largest).size(), largest_job);
    }
}

}  // namespace
}  // namespace tp::proto
