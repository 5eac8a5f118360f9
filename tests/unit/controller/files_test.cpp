// Files of the repository on their way from PostgreSQL to a probe, over SSH.
#include <openssl/sha.h>

#include "controller_fixture.hpp"
#include "store/firmware_files.hpp"

namespace tp::controller {
namespace {

using proto::file_status;

class files : public controller_fixture {};
using link = controller_fixture::link;

std::string sha256(std::string_view octets)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    ::SHA256(reinterpret_cast<unsigned char const*>(octets.data()), octets.size(), hash);
    return {reinterpret_cast<char const*>(hash), sizeof hash};
}

asio::awaitable<void> put(controller_fixture& at, std::string path, std::string octets)
{
    for (std::size_t offset = 0; offset < octets.size(); offset += store::largest_firmware_part) {
        store::firmware_part part{path, octets.size(), sha256(octets), offset,
                                  octets.substr(offset, store::largest_firmware_part)};
        at.need(co_await store::put_firmware_part(at.owner_, std::move(part)));
    }
}

/// The whole file; its status if that is another one than `here`.
asio::awaitable<std::string> fetch(link from, std::string path)
{
    std::string out;
    for (std::uint64_t number = 1;; ++number) {
        proto::to_controller const request = proto::file_request{number, path, out.size()};
        co_await controller_fixture::say(from, request);
        auto part = co_await controller_fixture::hear<proto::file_part>(from);
        EXPECT_EQ(part.number, number);
        if (part.status == file_status::absent) co_return "absent";
        if (part.status == file_status::unavailable) co_return "unavailable";
        if (part.octets.empty()) co_return out;
        out += part.octets;
    }
}

/// Asks until the controller has heard of the repository's last change.
asio::awaitable<void> until_timestamp_is(link at, std::string octets)
{
    for (;;) {
        auto const now = co_await fetch(at, std::string(store::firmware_timestamp));
        if (now == octets) co_return;
        co_await pause_for(std::chrono::milliseconds(20));
    }
}

TEST_F(files, come_whole_and_are_seen_when_the_timestamp_is)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const to = co_await self.join(probe);
        auto const before = co_await fetch(to, std::string(store::firmware_timestamp));
        EXPECT_EQ(before, "absent");
        std::string program(3 * store::firmware_piece_size + 5, 'p');
        for (std::size_t i = 0; i < program.size(); i += 97) program[i] = static_cast<char>(i);
        co_await put(self, "targets/deb-amd64/stable/program", program);
        co_await put(self, std::string(store::firmware_timestamp), "one");
        co_await until_timestamp_is(to, "one");
        auto const heard = co_await fetch(to, "targets/deb-amd64/stable/program");
        EXPECT_TRUE(heard == program);
        co_await put(self, std::string(store::firmware_timestamp), "two");
        co_await until_timestamp_is(to, "two");
    });
}

TEST_F(files, are_there_for_nobody_under_another_name)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        auto const to = co_await self.join(probe);
        co_await put(self, std::string(store::firmware_timestamp), "one");
        co_await until_timestamp_is(to, "one");
        for (auto const* path : {"", "metadata", "/metadata/timestamp.json", "metadata/../metadata/timestamp.json",
                                 "../../../../etc/passwd", "metadata//timestamp.json"}) {
            auto const heard = co_await fetch(to, path);
            EXPECT_EQ(heard, "absent") << path;
        }
    });
}

TEST_F(files, are_given_to_an_isolated_probe_too)
{
    play([](auto& self) -> asio::awaitable<void> {
        auto const probe = co_await self.add_probe("probe");
        co_await put(self, "targets/a", std::string(100'000, 'a'));
        co_await put(self, std::string(store::firmware_timestamp), "one");
        co_await self.by_hand(probe, store::trust_event::isolated);
        auto const to = co_await self.join(probe);
        co_await until_timestamp_is(to, "one");
        auto const heard = co_await fetch(to, "targets/a");
        EXPECT_TRUE(heard == std::string(100'000, 'a'));
    });
}

}  // namespace
}  // namespace tp::controller
