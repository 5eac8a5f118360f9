// The relay between sessions whose channels are played, and a store that is.
#include "controller/relay/relay.hpp"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <deque>
#include <map>

#include "base/coroutine.hpp"
#include "controller/session.hpp"
#include "proto/codec.hpp"

namespace tp::controller {
namespace {

using namespace std::chrono_literals;
using proto::file_part;
using proto::file_status;

constexpr std::size_t piece = store::firmware_piece_size;
constexpr std::size_t frame_margin = 64;  // octets of a frame beside those of the file

/// A probe at the other end that takes what it is sent when the test says so.
class played_channel final : public ssh::channel {
public:
    explicit played_channel(asio::io_context& io) : wakes_(io, steady_time::max()) {}

    asio::awaitable<result<std::string>> read() override { co_return errc::closed; }
    asio::awaitable<result<void>> write(std::string frame) override
    {
        if (ended_) co_return errc::closed;
        octets_ += frame.size();
        frames_.push_back(std::move(frame));
        co_return result<void>{};
    }
    asio::awaitable<result<void>> settled(std::size_t most) override
    {
        while (!ended_ && octets_ > most) co_await wakes_.async_wait(as_values);
        if (ended_) co_return errc::closed;
        co_return result<void>{};
    }
    void close() override { abort(); }
    void vouch() override {}
    void abort() override
    {
        ended_ = true;
        wakes_.cancel();
    }
    ssh::public_key const& peer() const override { throw std::logic_error("nobody asks"); }
    ip_address address() const override { return {}; }
    std::optional<std::chrono::microseconds> round_trip() const override { return {}; }
    std::string const& subsystem() const override { return nothing_; }
    std::string const& user() const override { return nothing_; }

    std::size_t octets() const { return octets_; }
    bool ended() const { return ended_; }
    /// Takes all that was sent: the parts among it.
    std::vector<file_part> take()
    {
        std::vector<file_part> out;
        for (auto const& frame : std::exchange(frames_, {})) {
            auto message = proto::decode_from_controller(frame).value();
            if (auto* part = std::get_if<file_part>(&message)) out.push_back(std::move(*part));
        }
        octets_ = 0;
        wakes_.cancel();
        return out;
    }

private:
    asio::steady_timer wakes_;
    std::deque<std::string> frames_;
    std::size_t octets_ = 0;
    bool ended_ = false;
    std::string nothing_;
};

struct probe {
    std::shared_ptr<played_channel> channel;
    std::shared_ptr<session> own;
};

class relay_test : public testing::Test {
protected:
    static constexpr std::uint64_t unpaced = 10'000'000'000;

    ~relay_test() override { end(); }

    void open(relay_terms terms = {})
    {
        if (terms.bits_per_second == relay_terms{}.bits_per_second) terms.bits_per_second = 10 * unpaced;
        if (terms.session_bits_per_second == relay_terms{}.session_bits_per_second)
            terms.session_bits_per_second = unpaced;
        relay::seams const store{.list = [this] { return list(*this); },
                                 .read = [this](piece_key key) { return read(*this, key); }};
        relay_.emplace(io_.get_executor(), store, terms);
        run(relay_->read_catalogue());
    }

    static asio::awaitable<result<std::vector<store::firmware_file>>> list(relay_test& self)
    {
        std::vector<store::firmware_file> out;
        int number = 0;
        for (auto const& [path, octets] : self.files_)
            out.push_back({store::firmware_file_id::from(++number).value(), path, octets.size(), "", {}});
        co_return out;
    }
    static asio::awaitable<result<std::string>> read(relay_test& self, piece_key key)
    {
        ++self.reads_;
        co_await asio::post(self.io_, asio::use_awaitable);
        if (self.away_) co_return errc::unavailable;
        auto const& octets = std::next(self.files_.begin(), key.file.value() - 1)->second;
        co_return octets.substr(std::size_t{key.number} * piece, piece);
    }

    void run(asio::awaitable<result<void>> work)
    {
        asio::co_spawn(io_, std::move(work), [](std::exception_ptr thrown, result<void> const&) {
            if (thrown) std::rethrow_exception(thrown);
        });
        settle();
    }
    /// Until everybody waits for something else than his turn on the loop.
    void settle()
    {
        io_.restart();
        io_.poll();
    }
    /// Until this holds, which a timer may have to bring about.
    template <class Holds>
    void until(Holds holds)
    {
        auto const last = std::chrono::steady_clock::now() + 30s;
        io_.restart();
        while (!holds() && std::chrono::steady_clock::now() < last) io_.run_one_for(1s);
        EXPECT_TRUE(holds());
    }
    /// All coroutines come to their end.
    void end()
    {
        if (!relay_) return;
        for (auto& each : probes_) each.channel->abort();
        relay_->stop();
        io_.restart();
        io_.run_for(30s);
        EXPECT_TRUE(io_.stopped());
        EXPECT_EQ(relay_->under_way(), 0U);
        relay_.reset();
    }

    probe& add(store::trust_state trust = store::trust_state::active)
    {
        auto channel = std::make_shared<played_channel>(io_);
        auto const id = probe_id::from(static_cast<int>(probes_.size()) + 1).value();
        auto own = std::make_shared<session>(io_.get_executor(), channel, id, trust);
        return probes_.emplace_back(probe{std::move(channel), std::move(own)});
    }
    void ask(probe& by, std::uint64_t offset = 0, std::string path = "targets/a", std::uint32_t most = 60'000)
    {
        relay_->ask(by.own, {offset, std::move(path), offset, most});
    }
    std::string fetch(probe& by, std::string const& path)
    {
        std::string out;
        for (;;) {
            ask(by, out.size(), path);
            until([&] { return by.channel->octets() > 0; });
            auto const parts = by.channel->take();
            settle();
            if (parts.size() != 1 || parts[0].status != file_status::here) return "not here";
            if (parts[0].octets.empty()) return out;
            out += parts[0].octets;
        }
    }
    std::size_t octets_at_probes() const
    {
        std::size_t out = 0;
        for (auto const& each : probes_) out += each.channel->octets();
        return out;
    }

    asio::io_context io_{1};
    std::map<std::string, std::string> files_;
    std::size_t reads_ = 0;
    bool away_ = false;
    std::deque<probe> probes_;
    std::optional<relay> relay_;
};

std::string some_octets(std::size_t size)
{
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>((i * 31 + i / 251) & 0xff);
    return out;
}

TEST_F(relay_test, gives_whole_files_and_reads_each_piece_once)
{
    files_ = {{"metadata/timestamp.json", "{}"}, {"targets/a", some_octets(2 * piece + 11)}};
    open();
    auto& one = add();
    EXPECT_TRUE(fetch(one, "targets/a") == files_["targets/a"]);
    EXPECT_EQ(fetch(one, "metadata/timestamp.json"), "{}");
    EXPECT_EQ(reads_, 4U);
    EXPECT_TRUE(fetch(add(), "targets/a") == files_["targets/a"]);
    EXPECT_EQ(reads_, 4U);
    EXPECT_EQ(relay_->cached_octets(), 2 * piece + 13);
}

TEST_F(relay_test, ten_thousand_sessions_that_ask_for_the_same_file_cost_a_bounded_memory)
{
    constexpr std::size_t sessions = 10'000, cache = 4 * piece;
    constexpr std::size_t most_at_once = relay::most_under_way / 60'000;
    files_ = {{"targets/a", some_octets(5'000'000)}};
    open({.cache = cache, .longest_wait = std::chrono::minutes(10)});  // of an instrumented build, too
    for (std::size_t i = 0; i < sessions; ++i) ask(add());
    std::size_t answered = 0, highest = 0;
    while (answered < sessions) {
        settle();
        highest = std::max(highest, octets_at_probes());
        ASSERT_LE(relay_->under_way(), relay::most_under_way);
        ASSERT_LE(relay_->cached_octets(), cache);
        std::size_t now = 0;
        for (auto& each : probes_)
            for (auto const& part : each.channel->take()) now += part.status == file_status::here ? 1 : 0;
        ASSERT_GT(now, 0U) << "after " << answered;
        answered += now;
    }
    EXPECT_EQ(reads_, 1U);
    EXPECT_LE(highest, most_at_once * (60'000 + frame_margin));
    EXPECT_GE(highest, (most_at_once - 1) * 60'000) << "and all of it is made use of";
}

TEST_F(relay_test, waits_for_the_store_together_and_asks_it_for_few_pieces_at_a_time)
{
    files_ = {{"targets/a", some_octets(20 * piece)}};
    open();
    for (std::uint64_t i = 0; i < 100; ++i) ask(add(), i % 20 * piece);
    settle();
    EXPECT_EQ(reads_, 20U);
    for (std::size_t i = 0; i < 100; ++i) {
        auto const parts = probes_[i].channel->take();
        ASSERT_EQ(parts.size(), 1U);
        EXPECT_TRUE(parts[0].octets == files_["targets/a"].substr(i % 20 * piece, 60'000));
    }
}

TEST_F(relay_test, says_not_now_while_the_store_is_away_and_gives_what_it_has)
{
    files_ = {{"targets/a", some_octets(2 * piece)}};
    open();
    auto& one = add();
    ask(one);
    settle();
    EXPECT_EQ(one.channel->take().at(0).status, file_status::here);
    away_ = true;
    settle();
    ask(one, piece);
    settle();
    EXPECT_EQ(one.channel->take().at(0), (file_part{piece, file_status::unavailable, 0, ""}));
    settle();
    ask(one, 60'000);
    settle();
    EXPECT_EQ(one.channel->take().at(0).octets.size(), 60'000U);
    away_ = false;
    settle();
    ask(one, piece);
    settle();
    EXPECT_EQ(one.channel->take().at(0).status, file_status::here);
}

TEST_F(relay_test, answers_one_request_of_a_session_at_a_time)
{
    files_ = {{"targets/a", some_octets(piece)}};
    open();
    auto& one = add();
    ask(one, 0);
    ask(one, 100);
    settle();
    auto const parts = one.channel->take();
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0], (file_part{100, file_status::unavailable, 0, ""}));
    EXPECT_EQ(parts[1].number, 0U);
    EXPECT_EQ(parts[1].status, file_status::here);
    settle();
    ask(one, 100);
    settle();
    EXPECT_EQ(one.channel->take().at(0).status, file_status::here);
}

TEST_F(relay_test, ends_the_session_of_a_probe_that_does_not_read_and_serves_the_others)
{
    files_ = {{"targets/a", some_octets(piece)}};
    open({.part_limit = 2s});  // enough for one that reads
    auto& silent = add();
    ask(silent);
    settle();
    EXPECT_GT(silent.channel->octets(), 0U);
    EXPECT_TRUE(fetch(add(), "targets/a") == files_["targets/a"]);
    until([&] { return silent.channel->ended(); });
    until([&] { return relay_->under_way() == 0; });
}

TEST_F(relay_test, copies_nothing_for_a_session_whose_earlier_output_waits)
{
    files_ = {{"targets/a", some_octets(piece)}};
    open();
    auto& one = add();
    one.own->send("something else");
    settle();
    ask(one);
    settle();
    EXPECT_EQ(one.channel->octets(), std::string("something else").size());
    EXPECT_EQ(relay_->under_way(), 0U);
    EXPECT_EQ(reads_, 0U);
}

TEST_F(relay_test, tells_who_would_wait_too_long_for_his_turn_to_ask_later)
{
    files_ = {{"targets/a", some_octets(piece)}};
    // A part takes a minute of what all may have, and one goes at once.
    open({.bits_per_second = 8'000, .longest_wait = 100ms});
    auto& one = add();
    auto& other = add();
    ask(one);
    ask(other);
    settle();
    EXPECT_EQ(one.channel->take().at(0).status, file_status::here);
    EXPECT_EQ(other.channel->take().at(0).status, file_status::unavailable);
}

TEST_F(relay_test, keeps_each_session_to_its_rate)
{
    files_ = {{"targets/a", some_octets(piece)}};
    open({.session_bits_per_second = 48'000, .longest_wait = 100ms});  // a part in ten seconds, and some of it at once
    auto& one = add();
    ask(one);
    settle();
    EXPECT_EQ(one.channel->take().at(0).status, file_status::here);
    settle();
    ask(one);
    settle();
    EXPECT_EQ(one.channel->octets(), 0U);
    until([&] { return one.channel->octets() > 0; });
    EXPECT_EQ(one.channel->take().at(0).status, file_status::unavailable);
    auto& other = add();
    ask(other);
    settle();
    EXPECT_EQ(other.channel->take().at(0).status, file_status::here);
}

TEST_F(relay_test, ends_all_that_waits_when_it_is_stopped)
{
    files_ = {{"targets/a", some_octets(5'000'000)}};
    open({.session_bits_per_second = 480'000});
    for (int i = 0; i < 700; ++i) ask(add());  // more than may be under way
    settle();
    auto& paced = probes_.front();
    paced.channel->take();
    settle();
    ask(paced, 60'000);
    settle();
    end();
}

}  // namespace
}  // namespace tp::controller
