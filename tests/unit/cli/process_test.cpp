#include "api/cli/up/process.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <fstream>

#include "api/cli/up/children.hpp"
#include "api/cli/up/machine.hpp"

namespace tp::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

class process_test : public testing::Test {
protected:
    process_test()
    {
        char name[] = "/tmp/trigpoint-process-XXXXXX";
        folder_ = ::mkdtemp(name);
    }
    ~process_test() override { fs::remove_all(folder_); }

    std::string content(char const* name) const
    {
        std::ifstream file(folder_ / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::vector<std::string> shell(std::string script) const
    {
        return {"/bin/sh", "-c", std::move(script), "sh", folder_.string()};
    }

    fs::path folder_;
};

TEST_F(process_test, runs_a_program_and_tells_how_it_ended)
{
    EXPECT_TRUE(run_to_end({.words = shell("pwd > $1/where")}, seconds(30)));
    EXPECT_EQ(content("where"), "/\n");
    EXPECT_EQ(run_to_end({.words = shell("exit 3")}, seconds(30)).error(), errc::rejected);
    EXPECT_EQ(run_to_end({.words = {"/no/such/program"}}, seconds(30)).error(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(run_to_end({.words = shell("sleep 100")}, seconds(0)).error(), errc::timed_out);
}

TEST_F(process_test, gives_it_a_clean_start)
{
    ::signal(SIGPIPE, SIG_IGN);
    ASSERT_TRUE(run_to_end({.words = shell("kill -PIPE $$; echo survived > $1/odd")}, seconds(30)).has_error());
    ::signal(SIGPIPE, SIG_DFL);
    EXPECT_EQ(content("odd"), "") << "it inherited an ignored signal";
    EXPECT_TRUE(run_to_end(
        {.words = shell("cat > $1/input; ps -o sid= -p $$ | tr -d ' ' > $1/session; echo $$ > $1/pid")}, seconds(30)));
    EXPECT_EQ(content("input"), "");
    EXPECT_EQ(content("session"), content("pid"));
}

TEST_F(process_test, becomes_another_user)
{
    if (::geteuid() != 0) GTEST_SKIP() << "only root can";
    auto const nobody = find_user("nobody");
    ASSERT_TRUE(nobody);
    ASSERT_EQ(::chmod(folder_.c_str(), 0777), 0);
    EXPECT_TRUE(run_to_end({.words = shell("id -u > $1/user; id -G > $1/groups"), .as = *nobody}, seconds(30)));
    EXPECT_EQ(content("user"), std::to_string(nobody->user) + '\n');
    EXPECT_EQ(content("groups"), std::to_string(nobody->group) + '\n');
}

TEST_F(process_test, dies_with_us)
{
    auto const parent = ::fork();
    if (parent == 0) {
        auto const child = start({.words = shell("exec sleep 100"), .death_signal = SIGKILL});
        std::ofstream(folder_ / "child") << (child ? *child : 0) << std::flush;
        ::kill(::getpid(), SIGKILL);
    }
    ::waitpid(parent, nullptr, 0);
    auto const child = std::stoi(content("child"));
    ASSERT_GT(child, 0);
    // A zombie until whoever inherited it takes notice: dead all the same.
    auto const alive = [&] {
        std::ifstream file("/proc/" + std::to_string(child) + "/stat");
        std::string const stat(std::istreambuf_iterator<char>(file), {});
        auto const end = stat.rfind(')');
        return end != std::string::npos && stat.substr(end, 3) != ") Z";
    };
    auto const deadline = std::chrono::steady_clock::now() + seconds(30);
    while (alive() && std::chrono::steady_clock::now() < deadline) ::usleep(10'000);
    EXPECT_FALSE(alive());
}

TEST_F(process_test, describes_an_end)
{
    EXPECT_EQ(describe_end(0), "exit status 0");
    EXPECT_EQ(describe_end(3 << 8), "exit status 3");
    EXPECT_EQ(describe_end(SIGKILL), "signal 9 (Killed)");
}

TEST_F(process_test, a_folder_is_locked_once)
{
    auto first = folder_lock::take(folder_ / "lock");
    ASSERT_TRUE(first);
    EXPECT_EQ(folder_lock::take(folder_ / "lock").error(), errc::conflict);
    {
        auto const moved = std::move(*first);
    }
    EXPECT_TRUE(folder_lock::take(folder_ / "lock"));
}

TEST_F(process_test, finds_the_folder_that_another_user_cannot_enter)
{
    identity const stranger{12'345, 12'345};
    ASSERT_EQ(::chmod(folder_.c_str(), 0755), 0);
    fs::create_directories(folder_ / "a/b");
    EXPECT_EQ(closed_on_the_way(folder_ / "a/b/not-there", stranger), std::nullopt);
    ASSERT_EQ(::chmod((folder_ / "a").c_str(), 0700), 0);
    EXPECT_EQ(closed_on_the_way(folder_ / "a/b", stranger), folder_ / "a");
}

TEST_F(process_test, children_come_back_and_end_in_order)
{
    boost::asio::io_context io{1};
    std::vector<child_rules> programs;
    for (unsigned i = 0; i < 2; ++i) {
        auto const name = std::to_string(i);
        // Each start leaves a mark; the first run of program 1 dies by itself.
        auto const script = "trap 'echo " + name + " >> $1/ends; exit 0' TERM; echo x >> $1/starts" + name + "; [ " +
                            name + " = 1 ] && [ $(wc -l < $1/starts1) = 1 ] && exit 7; while :; do sleep 0.05; done";
        programs.push_back({name, {.words = shell(script), .death_signal = SIGKILL}, {.stage = i}, SIGTERM, SIGKILL});
    }
    bool finished = false;
    children running(io, std::move(programs), [&] { finished = true; });
    running.open(1);
    auto const deadline = std::chrono::steady_clock::now() + seconds(30);
    auto const started = [&] { return content("starts1") == "x\nx\n" && content("starts0") == "x\n"; };
    while (!started() && std::chrono::steady_clock::now() < deadline) io.run_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(started());
    running.stop();
    while (!finished && std::chrono::steady_clock::now() < deadline) io.run_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(finished);
    EXPECT_EQ(content("ends"), "1\n0\n");
}

}  // namespace
}  // namespace tp::cli
