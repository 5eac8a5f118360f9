#include "firmware-signing/tuf/client.hpp"

#include "base/coroutine.hpp"
#include "firmware-signing/tuf/growing_file.hpp"
#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/pace.hpp"
#include "firmware-signing/tuf/refusal.hpp"
#include "firmware-signing/tuf/target_walk.hpp"

namespace tp::tuf {
namespace {

/// The next octets, in the time that the pace leaves. Errors: refusal::too_slow; those of the transport.
asio::awaitable<result<std::string>> read_in_time(incoming& from, steady_time::duration left)
{
    if (left <= steady_time::duration::zero()) co_return refusal::too_slow;
    auto octets = co_await within(left, from.read());
    if (!octets && octets.error() == errc::timed_out) co_return refusal::too_slow;
    co_return std::move(octets);
}

asio::awaitable<result<std::unique_ptr<incoming>>> open_in_time(transport& from, part of, std::string file,
                                                                std::uint64_t offset, limits with)
{
    auto opened = co_await within(steady_time::duration(with.grace), from.open(of, std::move(file), offset));
    if (!opened && opened.error() == errc::timed_out) co_return refusal::too_slow;
    if (opened && (*opened)->begins_at() != 0 && (*opened)->begins_at() != offset) co_return errc::malformed;
    co_return std::move(opened);
}

steady_time now_steady()
{
    return std::chrono::steady_clock::now();
}

}  // namespace

template <class Machine>
asio::awaitable<result<void>> client::drive(Machine& machine)
{
    for (;;) {
        auto const& next = machine.next();
        if (std::holds_alternative<finished>(next)) co_return result<void>();
        if (auto const* const why = std::get_if<failed>(&next)) {
            failed_file_ = why->file;
            co_return why->why;
        }
        if (auto const* const wanted = std::get_if<download>(&next)) {
            failed_file_ = wanted->file;  // should the time for all of it be over
            auto outcome = co_await fetch_metadata(wanted->file, wanted->most);
            machine.answer(std::move(outcome));
        } else {
            machine.answer(perform(next));
        }
    }
}

result<std::string> client::perform(step const& wanted)
{
    if (auto const* const stored = std::get_if<load>(&wanted)) return kept_.load(stored->file, stored->most);
    auto const* const fresh = std::get_if<save>(&wanted);
    auto const done = fresh ? kept_.save(fresh->file, fresh->octets) : kept_.forget(std::get<forget>(wanted).file);
    if (!done) return done.error();
    return std::string();
}

asio::awaitable<result<std::string>> client::fetch_metadata(std::string file, std::uint64_t most)
{
    pace const with(now_steady(), with_);
    auto const opened = co_await open_in_time(from_, part::metadata, std::move(file), 0, with_);
    if (!opened) co_return opened.error();
    std::string octets;
    for (;;) {
        auto const more = co_await read_in_time(**opened, with.left(octets.size(), now_steady()));
        if (!more) co_return more.error();
        if (more->empty()) co_return octets;
        if (more->size() > most - octets.size()) co_return refusal::too_large;
        octets += *more;
    }
}

asio::awaitable<result<void>> client::update(sys_seconds now)
{
    refresh machine(now, with_);
    auto const done = co_await within(steady_time::duration(with_.metadata_in), drive(machine));
    if (!done && done.error() == errc::timed_out) co_return refusal::too_slow;
    if (done) trusted_ = machine.found();
    co_return done;
}

asio::awaitable<result<described_target>> client::find(std::string path)
{
    target_search machine(*trusted_, path, with_);
    auto const done = co_await within(steady_time::duration(with_.metadata_in), drive(machine));
    if (!done && done.error() == errc::timed_out) co_return refusal::too_slow;
    if (!done) co_return done.error();
    described_target out;
    out.path = std::move(path);
    out.facts = machine.found();
    out.consistent = trusted_->root.consistent_snapshot;
    co_return out;
}

asio::awaitable<result<std::vector<described_target>>> client::list()
{
    target_walk machine(*trusted_, with_);
    auto const done = co_await within(steady_time::duration(with_.metadata_in), drive(machine));
    if (!done && done.error() == errc::timed_out) co_return refusal::too_slow;
    if (!done) co_return done.error();
    std::vector<described_target> out;
    out.reserve(machine.found().size());
    for (auto& [path, facts] : machine.found())
        out.push_back({std::move(path), std::move(facts), trusted_->root.consistent_snapshot});
    co_return std::move(out);
}

asio::awaitable<result<std::filesystem::path>> client::fetch(described_target wanted, std::filesystem::path folder)
{
    auto const shown = folder / local_target(wanted.path);
    failed_file_ = wanted.path;
    if (wanted.facts.hashes.others) co_return refusal::unknown_hash;
    if (check_file(shown, wanted.facts)) co_return shown;
    for (bool first = true;; first = false) {
        auto growing = growing_file::open(folder, wanted.facts);
        if (!growing) co_return growing.error();
        bool const gone_on_with = growing->size() > 0;
        auto const received = co_await receive(wanted, *growing);
        if (!received) co_return received.error();
        auto const whole = growing->finish(shown);
        if (whole) co_return shown;
        // Perhaps only the beginning was wrong, which another server sent another time: it is gone, and all is fetched.
        bool const again = first && gone_on_with && whole.error() == refusal::wrong_hash;
        if (!again) co_return whole.error();
    }
}

/// Until the end of what the repository sends, which need not be that of the target.
asio::awaitable<result<void>> client::receive(described_target const& wanted, growing_file& to)
{
    if (to.size() == wanted.facts.length) co_return result<void>();
    auto file = remote_target(wanted.path, wanted.facts, wanted.consistent);
    pace const with(now_steady(), with_);
    auto const opened = co_await open_in_time(from_, part::targets, std::move(file), to.size(), with_);
    if (!opened) co_return opened.error();
    if ((*opened)->begins_at() != to.size()) {
        auto const restarted = to.restart();
        if (!restarted) co_return restarted;
    }
    auto const before = to.size();
    for (;;) {
        auto const more = co_await read_in_time(**opened, with.left(to.size() - before, now_steady()));
        if (!more) co_return more.error();
        if (more->empty()) co_return result<void>();
        auto const taken = to.append(*more);
        if (!taken) co_return taken;
    }
}

}  // namespace tp::tuf
