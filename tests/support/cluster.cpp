#include "tests/support/cluster.hpp"

#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tp::test {
namespace {

constexpr char programs[] = "/usr/lib/postgresql/15/bin/";
constexpr std::chrono::seconds start_limit{60};

/// PostgreSQL refuses to run as root. The children end when we do, however we end.
pid_t spawn(std::vector<std::string> words, std::filesystem::path const& log)
{
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    auto const* const user = ::getuid() == 0 ? ::getpwnam("postgres") : nullptr;
    auto const parent = ::getpid();
    ::fflush(nullptr);  // or the child writes again what we had not written yet
    auto const child = ::fork();
    if (child != 0) return child;
    if (user != nullptr &&
        (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) {
        ::_exit(126);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (::getppid() != parent) ::_exit(126);
    if (::freopen(log.c_str(), "a", stdout) == nullptr || ::dup2(1, 2) < 0) ::_exit(126);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

int wait_for(pid_t child)
{
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

cluster::cluster()
{
    std::string name = "/tmp/tp-pg-XXXXXX";  // short: a socket's path has 107 octets at most
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test cluster");
    folder_ = name;
    if (auto const* const user = ::getuid() == 0 ? ::getpwnam("postgres") : nullptr) {
        if (::chown(name.c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error("chown failed");
    }
    auto const made = wait_for(spawn({std::string(programs) + "initdb", "-D", name + "/data", "-U", "owner",
                                      "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"},
                                     folder_ / "log"));
    if (made != 0) throw std::runtime_error("initdb failed; see " + name + "/log");
    start();
}

void cluster::start()
{
    postmaster_ = spawn({std::string(programs) + "postgres", "-D", (folder_ / "data").string(), "-c",
                         "listen_addresses=", "-c", "unix_socket_directories=" + folder_.string(), "-c", "fsync=off",
                         "-c", "shared_buffers=32MB", "-c", "max_connections=60", "-c", "jit=off"},
                        folder_ / "log");
    auto const deadline = std::chrono::steady_clock::now() + start_limit;
    while (run("select 1") != 0) {
        if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the test cluster does not start");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

cluster::~cluster()
{
    kill();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void cluster::kill()
{
    if (postmaster_ < 0) return;
    // SIGQUIT takes the backends along at once, without a checkpoint: what a crash leaves, and nothing that runs on.
    ::kill(postmaster_, SIGQUIT);
    wait_for(postmaster_);
    postmaster_ = -1;
}

void cluster::restart()
{
    kill();
    start();
}

cluster& cluster::shared()
{
    static cluster one;
    return one;
}

std::string cluster::conninfo(std::string const& database, std::string const& role) const
{
    return "host=" + folder_.string() + " dbname=" + database + " user=" + role;
}

std::string cluster::make_database()
{
    auto const name = "test" + std::to_string(++made_);
    if (run("create database " + name) != 0) throw std::runtime_error("no test database");
    return conninfo(name);
}

int cluster::run(std::string const& sql) const
{
    auto* const link = PQconnectdb(conninfo("postgres").c_str());
    auto* const answer = PQexec(link, sql.c_str());
    auto const status = PQresultStatus(answer);
    PQclear(answer);
    PQfinish(link);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : 1;
}

}  // namespace tp::test
