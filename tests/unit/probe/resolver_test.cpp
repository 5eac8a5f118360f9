#include "probe/measure/resolve/resolver.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "base/coroutine.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

class resolver_test : public testing::Test {
protected:
    using outcome = result<std::vector<ip_address>>;

    static asio::awaitable<void> ask(resolver* from, std::string name, proto::family af, std::vector<outcome>* into)
    {
        auto answer = co_await from->resolve(std::move(name), af);
        into->push_back(std::move(answer));
    }

    void start(std::string name, proto::family af = proto::family::v4)
    {
        asio::co_spawn(io_, ask(&resolver_, std::move(name), af, &outcomes_), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    }

    asio::io_context io_{1};
    resolver resolver_{io_.get_executor()};
    std::vector<outcome> outcomes_;
};

TEST_F(resolver_test, finds_what_the_machine_knows_itself)
{
    start("localhost");
    io_.run_for(30s);
    ASSERT_EQ(outcomes_.size(), 1U);
    ASSERT_TRUE(outcomes_[0]) << outcomes_[0].error().message();
    EXPECT_EQ(outcomes_[0]->front(), parse_address("127.0.0.1").value());
}

TEST_F(resolver_test, a_name_that_does_not_exist_is_an_error_in_words_and_in_time)
{
    start("no-such-name.invalid");
    start("..");
    start(std::string(300, 'x'));
    auto const begin = std::chrono::steady_clock::now();
    while (outcomes_.size() < 3 && std::chrono::steady_clock::now() - begin < 60s) io_.run_one_for(50ms);
    ASSERT_EQ(outcomes_.size(), 3U);
    for (auto const& one : outcomes_) {
        ASSERT_FALSE(one);
        EXPECT_FALSE(one.error().message().empty());
    }
}

TEST_F(resolver_test, has_a_limit_of_names_at_once_and_can_be_cancelled)
{
    // Names that are asked of a resolver, not answered at once: at least one packet goes out, and none comes back yet.
    for (std::size_t i = 0; i < resolver::most_at_once; ++i) start("name" + std::to_string(i) + ".invalid");
    start("one-too-many.invalid");
    io_.poll_one();
    while (outcomes_.empty()) io_.run_one_for(50ms);
    resolver_.cancel();
    auto const begin = std::chrono::steady_clock::now();
    while (outcomes_.size() <= resolver::most_at_once && std::chrono::steady_clock::now() - begin < 60s)
        io_.run_one_for(50ms);
    EXPECT_EQ(outcomes_.size(), resolver::most_at_once + 1);
    EXPECT_TRUE(std::none_of(outcomes_.begin(), outcomes_.end(), [](auto const& one) { return one.has_value(); }));
}

}  // namespace
}  // namespace tp::probe
