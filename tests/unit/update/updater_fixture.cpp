#include "tests/unit/update/updater_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include "base/coroutine.hpp"

namespace tp::update {

using namespace std::chrono_literals;
using firmware::slot;

updater_test::updater_test()
{
    options_.folder = folder_ / "updates";
    options_.first_root = platform_.repository.files.at("1.root.json");
    options_.from = firmware::own_slot{machine_.slots.folder(), {slot::a, 16}};
    options_.times = {.after_welcome = 0ms, .every = 1h, .first_pause = 1ms, .longest_pause = 2ms};
    options_.built = {};
    options_.host.jitter = 0s;
    options_.host.utc_offset = 0min;
    restart();
}

updater_seams updater_test::seams()
{
    return {.wall = [this] { return wall_; },
            .on_news = [this] { asio::post(io_, [this] { serve(); }); },
            .tell = [this](update_report what) { told_.push_back(std::move(what)); },
            .report = [this](std::string kind, std::string text) { events_.push_back(kind + ": " + text); },
            .committed = [this] { return committed_; },
            .hand_over = [this] { ++handed_over_; },
            .use_control = [this](control::content which,
                                  std::optional<std::string_view> octets) { return use(which, octets); }};
}

void updater_test::restart()
{
    stop();
    ended_ = false;
    updater_ = std::make_unique<updater>(io_.get_executor(), options_, seams());
    asio::co_spawn(io_, updater_->run(), asio::bind_cancellation_slot(stop_.slot(), [this](std::exception_ptr thrown) {
                       ended_ = true;
                       expect_cancelled(thrown);
                   }));
}

void updater_test::stop()
{
    if (!updater_) return;
    updater_->session_ended();
    stop_.emit(asio::cancellation_type::terminal);
    run_until([this] { return ended_; });
    updater_.reset();
}

void updater_test::run_until(std::function<bool()> const& condition)
{
    auto const end = std::chrono::steady_clock::now() + patience;
    io_.restart();
    while (!condition() && std::chrono::steady_clock::now() < end) io_.run_one_for(50ms);
    ASSERT_TRUE(condition());
}

void updater_test::settle()
{
    constexpr int often = 500;
    io_.restart();
    for (int i = 0; i < often && io_.run_one_for(30ms) > 0; ++i) {
    }
}

result<void> updater_test::use(control::content which, std::optional<std::string_view> octets)
{
    auto const name = std::string(control::name_of(which));
    if (!octets)
        in_force_.erase(name);
    else if (auto const good = control::check(which, *octets); !good)
        return good.error();
    else
        in_force_[name] = *octets;
    return {};
}

void updater_test::serve()
{
    while (auto const asked = updater_ ? updater_->take_request() : std::nullopt) {
        requests_.push_back(asked->path);
        auto answer = platform_.answer(*asked);
        if (bend_ && !bend_(*asked, answer)) return;
        updater_->take(std::move(answer));
    }
}

bool updater_test::asked_for(std::string_view part) const
{
    return std::any_of(requests_.begin(), requests_.end(),
                       [&](auto const& each) { return each.find(part) != each.npos; });
}

void updater_test::expect_refused(proto::instruction const& what, firmware::cause why)
{
    begin_session();
    send(what);
    run_until([&] { return !told_.empty() && told().why == why && told().nonce == what.nonce; });
    expect_nothing_installed();
}

void updater_test::expect_nothing_installed()
{
    EXPECT_EQ(handed_over_, 0);
    EXPECT_EQ(machine_.slot(slot::b).is, firmware::standing::empty);
    EXPECT_EQ(machine_.program_in(slot::a), test::program_of(16));
}

void updater_test::expect_installed(std::uint64_t release)
{
    run_until([this] {
        if (!told_.empty() && told().state == firmware::update_state::updating) updater_->all_told();
        return handed_over_ == 1;
    });
    EXPECT_EQ(machine_.slot(slot::b), (firmware::slot_record{firmware::standing::ready, release, 0}));
    EXPECT_EQ(machine_.program_in(slot::b), test::program_of(release));
}

}  // namespace tp::update
