#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "api/cli/up/process.hpp"
#include "api/cli/up/supervisor.hpp"

namespace tp::cli {

/// One program that is to run.
struct child_rules {
    std::string name;
    launch what;
    supervisor::program rules;
    int ask_signal = 15, kill_signal = 9;
    std::string chatter;  // its lines that begin so are not passed on; empty: all are
};

/// Runs programs as a supervisor decides: starts them, hears of their ends, and passes what they say to standard error,
/// each line with the program's name before it.
class children {
public:
    /// @param finished  called once, after stop(), when nothing runs any more.
    children(boost::asio::io_context& io, std::vector<child_rules> programs, std::function<void()> finished);
    ~children();
    children(children const&) = delete;
    children& operator=(children const&) = delete;

    /// Lets the programs of this stage and below start.
    void open(unsigned stage);
    void stop();

private:
    struct child;
    class voice;
    void hear_of_ends();
    void reap();
    void step();
    void carry_out(supervisor::order const& order);
    void start_child(child& which);

    boost::asio::io_context& io_;
    std::vector<std::unique_ptr<child>> children_;
    supervisor supervisor_;
    std::function<void()> finished_;
    boost::asio::signal_set ends_;
    boost::asio::steady_timer timer_;
    bool over_ = false;
};

}  // namespace tp::cli
