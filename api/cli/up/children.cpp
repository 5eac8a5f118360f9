#include "api/cli/up/children.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <random>
#include <string_view>

#include "base/log.hpp"

namespace tp::cli {

namespace asio = boost::asio;

/// What one run of a program says: lines from a pipe, until its last holder has closed it.
class children::voice : public std::enable_shared_from_this<children::voice> {
public:
    voice(asio::io_context& io, child_rules const& rules, int fd)
        : name_(rules.name), chatter_(rules.chatter), pipe_(io, fd)
    {
    }

    void listen()
    {
        pipe_.async_read_some(asio::buffer(block_), [self = shared_from_this()](error_code ec, std::size_t count) {
            self->text_.append(self->block_.data(), count);
            self->say_lines();
            if (!ec) return self->listen();
            if (!self->text_.empty()) self->say(self->text_);
        });
    }
    void stop()
    {
        error_code ignored;
        pipe_.close(ignored);
    }

private:
    void say_lines()
    {
        for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
            say(std::string_view(text_).substr(0, end));
            text_.erase(0, end + 1);
        }
        if (text_.size() < log::longest_line) return;
        say(text_);
        text_.clear();
    }
    void say(std::string_view line) const
    {
        if (!chatter_.empty() && line.starts_with(chatter_)) return;
        auto const text = '[' + name_ + "] " + std::string(line) + '\n';
        [[maybe_unused]] auto const written = ::write(STDERR_FILENO, text.data(), text.size());
    }

    std::string name_, chatter_;
    asio::posix::stream_descriptor pipe_;
    std::array<char, 4096> block_{};
    std::string text_;
};

struct children::child {
    child_rules rules;
    pid_t pid = 0;  // 0: does not run
    std::shared_ptr<voice> said;
};

namespace {

std::vector<supervisor::program> rules_of(std::vector<child_rules> const& programs)
{
    std::vector<supervisor::program> out;
    for (auto const& each : programs) out.push_back(each.rules);
    return out;
}

}  // namespace

children::children(asio::io_context& io, std::vector<child_rules> programs, std::function<void()> finished)
    : io_(io),
      supervisor_(rules_of(programs), std::random_device{}()),
      finished_(std::move(finished)),
      ends_(io, SIGCHLD),
      timer_(io)
{
    for (auto& each : programs) children_.push_back(std::make_unique<child>(child{std::move(each), 0, nullptr}));
    hear_of_ends();
}

children::~children()
{
    for (auto const& each : children_) {
        if (each->said) each->said->stop();
        if (each->pid > 0) ::kill(each->pid, SIGKILL);  // only when an exception unwinds: stop() is the regular way
    }
}

void children::open(unsigned stage)
{
    supervisor_.open(stage);
    step();
}

void children::stop()
{
    supervisor_.stop();
    step();
}

void children::hear_of_ends()
{
    ends_.async_wait([this](error_code ec, int) {
        if (ec) return;
        hear_of_ends();  // asked before looking, so that none is missed
        reap();
        step();
    });
}

void children::reap()
{
    for (std::size_t i = 0; i < children_.size(); ++i) {
        auto& each = *children_[i];
        int status = 0;
        if (each.pid <= 0 || ::waitpid(each.pid, &status, WNOHANG) != each.pid) continue;
        each.pid = 0;
        if (!supervisor_.stopping()) log::warning("up", each.rules.name + " ended: " + describe_end(status));
        supervisor_.ended(i, std::chrono::steady_clock::now());
    }
}

void children::step()
{
    if (over_) return;
    for (auto orders = supervisor_.due(std::chrono::steady_clock::now()); !orders.empty();
         orders = supervisor_.due(std::chrono::steady_clock::now())) {
        for (auto const& each : orders) carry_out(each);
    }
    if (supervisor_.finished()) {
        over_ = true;
        ends_.cancel();
        timer_.cancel();
        return finished_();
    }
    auto const next = supervisor_.next();
    if (!next) return;
    timer_.expires_at(*next);
    timer_.async_wait([this](error_code ec) {
        if (!ec) step();
    });
}

void children::carry_out(supervisor::order const& order)
{
    auto& which = *children_[order.program];
    switch (order.what) {
        case supervisor::verb::start:
            start_child(which);
            if (which.pid == 0) supervisor_.ended(order.program, std::chrono::steady_clock::now());
            break;
        case supervisor::verb::ask:
            ::kill(which.pid, which.rules.ask_signal);
            break;
        case supervisor::verb::kill:
            log::warning("up", which.rules.name + " does not end; killing it");
            ::kill(which.pid, which.rules.kill_signal);
            break;
    }
}

void children::start_child(child& which)
{
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) return log::error("up", "no pipe for " + which.rules.name);
    which.said = std::make_shared<voice>(io_, which.rules, pipe[0]);
    which.said->listen();
    auto what = which.rules.what;
    what.output = pipe[1];
    auto const pid = tp::cli::start(what);
    ::close(pipe[1]);
    if (pid)
        which.pid = *pid;
    else
        log::error("up", which.rules.name + " cannot be started: " + pid.error().message());
}

}  // namespace tp::cli
