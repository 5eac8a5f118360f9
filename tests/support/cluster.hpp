#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace tp::test {

/// A throw-away PostgreSQL cluster on a unix socket, without TCP, gone with this object or with the process. One for
/// each test program (`cluster::shared()`), and a fresh database for each test.
class cluster {
public:
    cluster();
    ~cluster();
    cluster(cluster const&) = delete;
    cluster& operator=(cluster const&) = delete;

    static cluster& shared();

    /// Makes an empty database and answers how its owner logs in; with `role` somebody else.
    std::string make_database();
    std::string conninfo(std::string const& database, std::string const& role = "owner") const;

    /// Ends all connections at once and starts again; the socket stays where it was.
    void restart();
    void kill();   // SIGKILL to all of it
    void start();  // after kill()

private:
    int run(std::string const& sql) const;
    std::filesystem::path folder_;
    pid_t postmaster_ = -1;
    int made_ = 0;
};

}  // namespace tp::test
