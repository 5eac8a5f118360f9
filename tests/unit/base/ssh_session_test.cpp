#include "ssh_fixture.hpp"

namespace tp::ssh {
namespace {

class ssh_session_test : public ssh_fixture {};

TEST_F(ssh_session_test, echoes_frames_of_every_size)
{
    serve(echo);
    play([](auto& self) -> asio::awaitable<void> {
        auto const link = co_await self.connect();
        for (std::size_t size = 0; size <= 65536; size = size * 3 + 1) {
            std::string const sent(size, static_cast<char>('a' + size % 26));
            auto const written = co_await link->write(sent);
            EXPECT_TRUE(written);
            auto const read = co_await link->read();
            EXPECT_TRUE(read);
            if (!read) co_return;
            EXPECT_EQ(*read, sent);
        }
        EXPECT_EQ(link->peer(), self.host_key_.shared());
    }(*this));
    EXPECT_EQ(server_->counts().opened, 1U);
}

}  // namespace
}  // namespace tp::ssh
