#include "base/owned_fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>

namespace tp {
namespace {

struct pipe_ends {
    pipe_ends()
    {
        std::array<int, 2> fds{-1, -1};
        if (::pipe2(fds.data(), O_CLOEXEC | O_NONBLOCK) != 0) throw boost::system::system_error(last_error());
        out.emplace(fds[0]);
        in.emplace(fds[1]);
    }
    std::optional<owned_fd> out, in;
};

TEST(owned_fd, is_closed_once_by_its_last_owner)
{
    pipe_ends both;
    {
        owned_fd const taken(std::move(*both.in));
        EXPECT_FALSE(both.in->is_open());
        EXPECT_TRUE(write_all(taken.get(), "octets"));
    }
    std::array<char, 16> block{};
    EXPECT_EQ(read_some(both.out->get(), block.data(), block.size()), result<std::size_t>(6U));
    EXPECT_EQ(std::string_view(block.data(), 6), "octets");
    EXPECT_EQ(read_some(both.out->get(), block.data(), block.size()), result<std::size_t>(0U))
        << "nobody can write more";
}

TEST(owned_fd, says_what_the_system_complained_about)
{
    owned_fd const none(-1);
    EXPECT_FALSE(none.is_open());
    char octet = 0;
    EXPECT_EQ(read_some(none.get(), &octet, 1).error(), boost::system::errc::bad_file_descriptor);
    EXPECT_EQ(write_all(none.get(), "x").error(), boost::system::errc::bad_file_descriptor);
    EXPECT_TRUE(write_all(none.get(), "")) << "nothing to write";
}

}  // namespace
}  // namespace tp
