// What a probe does for an update, as a program of its own whose calls into the kernel a test can make fail: the
// updater with a repository, an order and slots that lie in folders. The controller is a function: there is no network.
//
//     update-once make REPOSITORY PROBE     writes a repository with an order for release 17, and a probe that runs 16
//     update-once run REPOSITORY PROBE      carries the order out. Exit status 0 if the next release lies in its slot,
//     1 if
//                                           it does not
//     update-once finish REPOSITORY PROBE   looks at what a disturbed run left, and carries on: 0; or tells what is
//     wrong: 2
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <fstream>

#include "base/coroutine.hpp"
#include "base/files.hpp"
#include "probe/update/updater.hpp"
#include "proto/codec.hpp"
#include "tests/unit/update/world.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using firmware::slot;
using firmware::standing;

constexpr std::size_t largest = 1'000'000;  // octets of a file
constexpr int patience = 100;               // waits of 20 ms without anything to do
constexpr int most_steps =
    20'000;  // handlers: many times what an update takes; a disk that stays full is tried for ever

void write(std::filesystem::path const& file, std::string const& octets)
{
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << octets;
}

std::string read(std::filesystem::path const& file)
{
    auto const octets = read_file(file, largest);
    return octets ? *octets : std::string();
}

void make(std::filesystem::path const& repository, std::filesystem::path const& probe)
{
    test::platform platform;
    platform.set_control("opt-out", "192.0.2.0/24\n");
    platform.publish();
    for (auto const& [name, octets] : platform.repository.files) write(repository / "metadata" / name, octets);
    for (auto const& [name, octets] : platform.targets) write(repository / "targets" / name, octets);
    write(repository / "order", proto::encode(proto::from_controller(platform.order(platform.wish(17)))));
    test::machine const made(probe / "slots");
}

proto::file_part answer(std::filesystem::path const& repository, proto::file_request const& to)
{
    auto const octets = read_file(repository / to.path, largest);
    if (!octets) return {to.number, proto::file_status::absent, 0, {}};
    return {to.number, proto::file_status::here, octets->size(),
            to.offset < octets->size() ? octets->substr(to.offset, to.most) : std::string()};
}

/// A probe with a session that never ends.
class session {
public:
    session(std::filesystem::path repository, std::filesystem::path const& probe)
        : repository_(std::move(repository)), updater_(io_.get_executor(), options(probe), seams())
    {
    }

    /// Whether the next release was handed over to.
    bool run()
    {
        asio::cancellation_signal stop;
        asio::co_spawn(io_, updater_.run(), asio::bind_cancellation_slot(stop.slot(), expect_cancelled));
        updater_.session_began(test::us);
        updater_.take(
            std::get<proto::signed_instruction>(proto::decode_from_controller(read(repository_ / "order")).value()));
        for (int idle = 0, steps = 0; !handed_over_ && idle < patience && steps < most_steps; ++steps)
            idle = io_.run_one_for(20ms) > 0 ? 0 : idle + 1;
        stop.emit(asio::cancellation_type::terminal);
        io_.run();
        return handed_over_;
    }

private:
    updater_options options(std::filesystem::path const& probe) const
    {
        updater_options out;
        out.folder = probe / "updates";
        out.first_root = read(repository_ / "metadata" / "1.root.json");
        out.from = firmware::own_slot{probe / "slots", {slot::a, 16}};
        out.times = {.after_welcome = 0ms, .every = 1h, .first_pause = 1ms, .longest_pause = 2ms};
        out.built = {};
        return out;
    }
    updater_seams seams()
    {
        return {.wall = [] { return test::now; },
                .on_news = [this] { asio::post(io_, [this] { serve(); }); },
                .tell =
                    [this](update_report const& what) {
                        if (what.state == firmware::update_state::updating)
                            asio::post(io_, [this] { updater_.all_told(); });
                    },
                .report = [](std::string const&, std::string const&) {},
                .committed = [] { return true; },
                .hand_over = [this] { handed_over_ = true; },
                .use_control =
                    [](control::content which, std::optional<std::string_view> octets) {
                        return octets ? control::check(which, *octets) : result<void>();
                    }};
    }
    void serve()
    {
        while (auto const asked = updater_.take_request()) updater_.take(answer(repository_, *asked));
    }

    std::filesystem::path repository_;
    asio::io_context io_{1};
    bool handed_over_ = false;
    updater updater_;
};

/// Nothing but what was signed lies in the slots, and what runs is as it was.
char const* wrong_with(std::filesystem::path const& probe, bool updated)
{
    test::machine at(probe / "slots");
    if (at.slot(slot::a) != firmware::slot_record{standing::committed, 16, 0}) return "what runs lost its standing";
    if (at.program_in(slot::a) != test::program_of(16)) return "what runs is another program";
    auto const& other = at.slot(slot::b);
    if (other.is == standing::empty) return updated ? "nothing was installed" : nullptr;
    if (other.is != standing::ready || other.release != 17) return "something else was installed";
    return at.program_in(slot::b) == test::program_of(17) ? nullptr : "what was installed was not signed";
}

int finish(std::filesystem::path const& repository, std::filesystem::path const& probe)
{
    char const* wrong = wrong_with(probe, false);
    if (!wrong && !session(repository, probe).run()) wrong = "a plain retry does not do it";
    if (!wrong) wrong = wrong_with(probe, true);
    if (wrong) std::fprintf(stderr, "%s\n", wrong);
    return wrong ? 2 : 0;
}

}  // namespace
}  // namespace tp::update

int main(int count, char** words)
{
    using namespace tp::update;
    if (count != 4) return 2;
    std::string const verb = words[1];
    if (verb == "make") return make(words[2], words[3]), 0;
    if (verb == "run") return session(words[2], words[3]).run() ? 0 : 1;
    return finish(words[2], words[3]);
}
