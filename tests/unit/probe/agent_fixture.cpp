#include "tests/unit/probe/agent_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <fstream>

#include "probe/together.hpp"
#include "proto/codec.hpp"
#include "tests/unit/update/world.hpp"

namespace tp::probe {
namespace {

opened_sockets v4_socket(asio::io_context& io)
{
    opened_sockets out;
    if (auto v4 = echo_socket::open(io.get_executor(), proto::family::v4)) out.v4 = std::move(*v4);
    return out;
}

}  // namespace

peer::peer(asio::io_context& io, std::filesystem::path const& folder, std::string subsystem, handler each)
    : key_(ssh::private_key::load_or_make(folder / (subsystem + std::to_string(next_++))).value())
{
    asio::ip::tcp::endpoint const any(asio::ip::address_v4::loopback(), 0);
    server_ = ssh::server::open(io, {.listen = {any}, .host_key = key_, .subsystems = {subsystem}}).value();
    asio::co_spawn(io, server_->run(std::move(each)), asio::bind_cancellation_slot(stop_.slot(), expect_cancelled));
}

asio::awaitable<void> say(channel with, std::vector<proto::from_controller> messages)
{
    for (auto const& message : messages) {
        auto frame = proto::encode(message);
        co_await with->write(std::move(frame));
    }
}

agent::agent(asio::io_context& io, configuration const& with, std::optional<own_slot> from, std::string first_root)
    : files(with.state),
      boot(files.next_boot().value()),
      results(spool::open(with.state / "spool", with.spool).value()),
      measures(io.get_executor(), with, files, boot, v4_socket(io), results, [this] { link.notify(); }),
      firmware(from, with.commit_after, std::chrono::steady_clock::now(),
               {[this](std::function<void(bool)> done) { measures.check_self(std::move(done)); },
                [this] { link.notify(); }}),
      keys(disk, with.state, ssh::private_key::load_or_make(with.key()).value(), [this] { link.notify(); }),
      places(with, with.state / "registries"),
      updates(io.get_executor(),
              {.folder = with.updates_folder(),
               .first_root = std::move(first_root),
               .from = from,
               .host = with.updates,
               .times = {.after_welcome = 0ms},
               .built = {}},
              update_seams()),
      link(io.get_executor(), with, files, boot, keys, results, measures, firmware, updates, places)
{
    measures.read_allow_list();
    start(io);
}

update::updater_seams agent::update_seams()
{
    return {.wall = [] { return update::test::now; },
            .on_news = [this] { link.notify(); },
            .tell = [this](update::update_report what) { firmware.tell(std::move(what)); },
            .report = [this](std::string kind,
                             std::string text) { measures.report_event(std::move(kind), std::move(text)); },
            .committed = [this] { return firmware.committed(); },
            .hand_over =
                [this] {
                    handed_over = true;
                    stop();
                },
            .use_control =
                [this](control::content which, std::optional<std::string_view> octets) {
                    return which == control::content::hosts ? places.use(octets) : measures.use_control(which, octets);
                }};
}

void agent::start(asio::io_context& io)
{
    std::vector<asio::awaitable<void>> all;
    all.push_back(measures.run());
    all.push_back(link.run());
    all.push_back(firmware.run());
    all.push_back(keys.run());
    all.push_back(updates.run());
    asio::co_spawn(io, together(std::move(all)), asio::bind_cancellation_slot(stop_.slot(), [this](auto thrown) {
                       ended = true;
                       measures.finish();
                       link.finish();
                       expect_cancelled(thrown);
                   }));
}

void agent_test::SetUp()
{
    std::ofstream(folder_.path() / "allowed") << "127.0.0.0/8\n";
    registry_ = std::make_unique<peer>(io_, folder_.path(), "trigpoint-registry",
                                       [this](channel with) { return answer(this, with); });
    configuration_.registry_keys = {registry_->key()};
    configuration_.registries = {host_port::parse(registry_->address()).value()};
    configuration_.state = folder_.path() / "state";
    configuration_.allow_file = folder_.path() / "allowed";
    configuration_.redial = {.first_pause = 10ms, .longest_pause = 50ms};
    std::filesystem::create_directory(configuration_.state);
}

void agent_test::TearDown()
{
    registry_->stop();
    for (auto& one : controllers_) one->stop();
    io_.run_for(patience);
    EXPECT_TRUE(io_.stopped());
}

/// The registry answers with what is next in `answers_`, the last one again and again.
asio::awaitable<void> agent_test::answer(agent_test* self, channel with)
{
    auto const hello = co_await with->read();
    if (!hello) co_return;
    self->asked_.push_back(std::get<proto::registry_hello>(proto::decode_to_registry(*hello).value()));
    auto frame = proto::encode(self->answers_.front());
    if (self->answers_.size() > 1) self->answers_.pop_front();
    co_await with->write(std::move(frame));
    with->close();
}

peer& agent_test::add_controller(peer::handler each)
{
    controllers_.push_back(std::make_unique<peer>(io_, folder_.path(), "trigpoint-controller", std::move(each)));
    return *controllers_.back();
}

proto::assignment agent_test::placed(std::initializer_list<peer const*> at) const
{
    proto::assignment out{.version = 1, .probe = probe_id::from(7).value(), .lease = 3600s, .ask_again_after = 1800s};
    for (auto const* one : at)
        out.controllers.push_back({"c" + std::to_string(out.controllers.size()), {one->address()}, {one->key()}});
    return out;
}

void agent_test::run_until(std::function<bool()> const& condition)
{
    auto const end = std::chrono::steady_clock::now() + patience;
    while (!condition() && std::chrono::steady_clock::now() < end) io_.run_one_for(50ms);
    EXPECT_TRUE(condition());
}

void agent_test::stop(agent& one)
{
    one.stop();
    run_until([&] { return one.ended; });
}

asio::awaitable<bool> agent_test::welcome(channel with, std::chrono::seconds keepalive)
{
    auto const hello = co_await with->read();
    if (!hello) co_return false;
    auto frame = proto::encode(proto::from_controller(proto::welcome{1, wall_now(), keepalive}));
    auto const written = co_await with->write(std::move(frame));
    co_return written.has_value();
}

proto::job agent_test::one_off(int measurement, std::string_view to)
{
    auto job = ping_job(measurement, {wall_now(), {}, {}, 0s});
    job.target = to;
    job.address = parse_address(to).value();
    job.options = proto::ping_options{.packets = 2, .packet_interval = 2ms};
    return job;
}

asio::awaitable<void> agent_test::control(agent_test* self, channel with)
{
    bool const up = co_await welcome(with, 60s);
    if (!up) co_return;
    std::vector<proto::from_controller> page;
    page.emplace_back(proto::job_page{true, true, self->jobs_});
    co_await say(with, std::move(page));
    for (;;) {
        auto const frame = co_await with->read();
        if (!frame) co_return;
        auto const message = proto::decode_to_controller(*frame).value();
        auto const* const batch = std::get_if<proto::result_batch>(&message);
        if (!batch) continue;
        self->results_.insert(self->results_.end(), batch->results.begin(), batch->results.end());
        if (!self->acknowledging_) {
            with->abort();
            continue;
        }
        proto::acknowledge done;
        done.batches.push_back(batch->number);
        std::vector<proto::from_controller> said;
        said.emplace_back(std::move(done));
        co_await say(with, std::move(said));
    }
}

}  // namespace tp::probe
