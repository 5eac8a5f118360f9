#include "probe/agent/host_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "probe/agent/command_line.hpp"
#include "probe/agent/show_log.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

run_entry ping_run_entry()
{
    return {start_of_test.wall,
            msm(1001),
            proto::result_kind::ping,
            "example.net",
            parse_address("192.0.2.1").value(),
            {3, 228, 2, 152},
            {},
            {}};
}

run_entry refused(std::string_view target)
{
    auto run = ping_run_entry();
    run.target = target;
    run.cost = {};
    run.failed = proto::failure{proto::failure_source::guard, "address not allowed"};
    run.why = "private use, RFC 1918";
    return run;
}

std::vector<std::string> lines(log_reader& from)
{
    std::vector<std::string> out;
    EXPECT_TRUE(from.read([&](std::string_view line) { out.emplace_back(line); }));
    return out;
}

TEST(host_log, a_line_says_what_was_done_to_whom_and_what_it_cost)
{
    EXPECT_EQ(log_line(ping_run_entry()),
              "2023-11-14T22:13:20Z 1001 ping example.net 192.0.2.1 sent 3/228 received 2/152 done");
    EXPECT_EQ(log_line(refused("10.0.0.1")),
              "2023-11-14T22:13:20Z 1001 ping 10.0.0.1 192.0.2.1 sent 0/0 received 0/0 refused: address not allowed "
              "(private use, RFC 1918)");
    auto run = ping_run_entry();
    run.kind = proto::result_kind::dns;
    run.target = "";
    run.address = std::nullopt;
    run.failed = proto::failure{proto::failure_source::network, "sendto failed"};
    EXPECT_EQ(log_line(run),
              "2023-11-14T22:13:20Z 1001 dns - - sent 3/228 received 2/152 failed by network: sendto failed");
}

TEST(host_log, no_target_can_forge_a_line_or_a_word)
{
    auto run = refused("a b\n2023-11-14T22:13:20Z 1 ping x\r\x1b[2J\\\xff");
    auto const line = log_line(run);
    EXPECT_EQ(line.find_first_of("\n\r\x1b\xff"), line.npos);
    EXPECT_THAT(line, testing::HasSubstr(" ping a\\x20b\\x0a2023-11-14T22:13:20Z\\x201\\x20ping\\x20x\\x0d\\x1b[2J"
                                         "\\x5c\\xff 192.0.2.1 "));
    run.failed->text = "what\never\x7f";
    EXPECT_THAT(log_line(run), testing::HasSubstr("refused: what?ever?"));
    auto const longest = std::string(5000, 'x');
    run.failed->text = longest;
    run.target = longest;
    EXPECT_LE(log_line(run).size(), host_log::longest_line);
}

TEST(host_log, filters_by_time_and_by_what_was_refused)
{
    auto const done = log_line(ping_run_entry()), no = log_line(refused("refused:"));
    EXPECT_TRUE(log_filter{}.wants(done));
    EXPECT_TRUE((log_filter{{}, true}.wants(no)));
    EXPECT_FALSE((log_filter{{}, true}.wants(done)));
    auto named = ping_run_entry();
    named.target = "refused:";
    EXPECT_FALSE((log_filter{{}, true}.wants(log_line(named))));
    EXPECT_TRUE((log_filter{start_of_test.wall, false}.wants(done)));
    EXPECT_FALSE((log_filter{start_of_test.wall + 1s, false}.wants(done)));
    EXPECT_FALSE((log_filter{{}, true}.wants("")));
}

TEST(host_log, times_are_dates_or_ages)
{
    auto const now = start_of_test.wall;
    EXPECT_EQ(parse_log_time("2023-11-14T22:13:20Z", now).value(), now);
    EXPECT_EQ(log_time(parse_log_time("2023-11-14", now).value()), "2023-11-14T00:00:00Z");
    EXPECT_EQ(parse_log_time("90s", now).value(), now - 90s);
    EXPECT_EQ(parse_log_time("30m", now).value(), now - 30min);
    EXPECT_EQ(parse_log_time("2h", now).value(), now - 2h);
    EXPECT_EQ(parse_log_time("7d", now).value(), now - 168h);
    for (auto const* text : {"", "yesterday", "2023-13-01", "2023-02-30", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z",
                             "h", "-2h", "2 h", "2y", "2hh", "99999999999s", "2426-01-31T12:00:00Z", "1969-12-31"})
        EXPECT_FALSE(parse_log_time(text, now)) << text;
}

TEST(host_log, a_refusal_is_found_whatever_its_target_is_called)
{
    std::string const target(400, '\x01');
    auto run = ping_run_entry();
    run.target = target;
    run.failed = proto::failure{proto::failure_source::guard, "no"};
    EXPECT_TRUE((log_filter{{}, true}.wants(log_line(run))));
}

TEST(host_log, survives_a_restart_and_keeps_the_newest_in_two_bounded_files)
{
    temporary_folder folder;
    constexpr std::uint64_t most = 2 * host_log::block;
    auto run = ping_run_entry();
    {
        host_log log(folder.path(), most);
        log.write(run);
        ASSERT_TRUE(log.flush());
    }
    host_log log(folder.path(), most);
    log_reader follower(folder.path());
    std::vector<std::string> followed = lines(follower);
    EXPECT_EQ(followed.size(), 1U);
    for (int i = 2; i <= 3000; ++i) {
        run.measurement = msm(i);
        log.write(run);
        if (i % 100 != 0) continue;
        ASSERT_TRUE(log.flush());
        for (auto& line : lines(follower)) followed.push_back(std::move(line));
    }
    EXPECT_LE(std::filesystem::file_size(folder.path() / "log"), most);
    EXPECT_LE(std::filesystem::file_size(folder.path() / "log.1"), most);
    EXPECT_EQ(followed.size(), 3000U) << "who follows misses nothing when a new file begins";
    log_reader late(folder.path());
    auto const newest = lines(late);
    EXPECT_LT(newest.size(), 1000U);
    EXPECT_GT(newest.size(), most / 100);
    EXPECT_EQ(newest.back(), followed.back());
    auto const mode = std::filesystem::status(folder.path() / "log").permissions();
    EXPECT_EQ(mode & std::filesystem::perms::others_read, std::filesystem::perms::none);
}

TEST(host_log, a_reader_waits_for_the_end_of_a_line_and_for_the_file)
{
    temporary_folder folder;
    log_reader reader(folder.path());
    EXPECT_TRUE(lines(reader).empty());
    std::ofstream file(folder.path() / "log");
    file << "one\ntw" << std::flush;
    EXPECT_EQ(lines(reader), std::vector<std::string>{"one"});
    file << "o\n" << std::flush;
    EXPECT_EQ(lines(reader), std::vector<std::string>{"two"});
}

TEST(host_log, a_folder_that_cannot_be_written_is_an_error_and_no_more)
{
    temporary_folder folder;
    host_log log(folder.path() / "none", 1024 * 1024);
    EXPECT_TRUE(log.flush()) << "nothing to write";
    log.write(ping_run_entry());
    EXPECT_FALSE(log.flush());
}

TEST(command_line, is_read_strictly)
{
    using what = command_line::what;
    auto const read = [](std::vector<std::string_view> const& arguments) {
        return command_line::read(arguments, start_of_test.wall);
    };
    EXPECT_EQ(read({}).is, what::run);
    EXPECT_EQ(read({}).config, "/etc/trigpoint/trigpoint-probe.toml");
    EXPECT_EQ(read({"key", "--config", "x"}).is, what::key);
    EXPECT_EQ(read({"key", "--config", "x"}).config, "x");
    EXPECT_EQ(read({"caps"}).is, what::caps);
    EXPECT_EQ(read({"postpone", "2d", "--config", "x"}).is, what::postpone);
    EXPECT_EQ(read({"postpone", "2d"}).length, 48h);
    auto const log = read({"log", "--since", "2h", "--refused", "--follow", "--config", "x"});
    EXPECT_EQ(log.is, what::log);
    EXPECT_EQ(log.wanted.since, start_of_test.wall - 2h);
    EXPECT_TRUE(log.wanted.refused);
    EXPECT_TRUE(log.follow);
    EXPECT_EQ(log.config, "x");
    for (auto const& wrong : std::vector<std::vector<std::string_view>>{{"--follow"},
                                                                        {"caps", "--follow"},
                                                                        {"log", "--since"},
                                                                        {"log", "--since", "soon"},
                                                                        {"log", "key"},
                                                                        {"postpone"},
                                                                        {"postpone", "0d"},
                                                                        {"postpone", "2d", "2d"},
                                                                        {"status", "2d"},
                                                                        {"--config"},
                                                                        {"nonsense"},
                                                                        {"--config", "x", "log"}})
        EXPECT_EQ(read(wrong).is, what::wrong) << testing::PrintToString(wrong);
    EXPECT_EQ(read({"--help"}).is, what::help);
    EXPECT_EQ(read({"--version"}).is, what::version);
}

}  // namespace
}  // namespace tp::probe
