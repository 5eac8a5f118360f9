#pragma once

#include <gtest/gtest.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "probe/update/updater.hpp"
#include "tests/unit/base/temporary_folder.hpp"
#include "tests/unit/update/world.hpp"

namespace tp::update {

/// The updater against a repository, a director and a controller that a test bends.
class updater_test : public testing::Test {
protected:
    static constexpr std::chrono::seconds patience{60};

    updater_test();
    ~updater_test() override { stop(); }

    /// The program ends, and is started again.
    void restart();
    void stop();
    void run_until(std::function<bool()> const& condition);
    /// Until nothing more can be done without a clock going on, or what is tried again and again was tried often
    /// enough.
    void settle();

    void begin_session() { updater_->session_began(test::us); }
    void send(proto::instruction const& what) { updater_->take(platform_.order(what)); }
    bool asked_for(std::string_view part) const;
    update_report const& told() const { return told_.back(); }
    /// Begins a session in which this is wanted, and waits until it was refused for a cause.
    void expect_refused(proto::instruction const& what, firmware::cause why);
    void expect_nothing_installed();
    /// The platform hears of it without delay.
    void expect_installed(std::uint64_t release);

    tp::test::temporary_folder folder_;
    boost::asio::io_context io_{1};
    test::platform platform_;
    test::machine machine_{folder_ / "slots"};
    updater_options options_;
    wall_time wall_ = test::now;
    bool committed_ = true;
    int handed_over_ = 0;
    std::vector<update_report> told_;
    std::vector<std::string> events_, requests_;
    std::map<std::string, std::string> in_force_;
    /// False: there is no answer. It may change the one there is.
    std::function<bool(proto::file_request const&, proto::file_part&)> bend_;
    std::unique_ptr<updater> updater_;

private:
    updater_seams seams();
    result<void> use(control::content which, std::optional<std::string_view> octets);
    /// The controller: answers what is asked for, unless the test has something else in mind.
    void serve();

    bool ended_ = false;
    boost::asio::cancellation_signal stop_;
};

}  // namespace tp::update
