#include "tests/bench/fleet_load/fleet.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "base/coroutine.hpp"

namespace tp::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick{20};
constexpr std::uint32_t first_address = 0x7F010001;  // 127.1.0.1

ip_address address_of(std::size_t index)
{
    return asio::ip::make_address_v4(first_address + static_cast<std::uint32_t>(index));
}

/// How many of so many are due when this part of the time has passed.
std::size_t due(std::size_t all, steady_clock::duration passed, steady_clock::duration length)
{
    if (passed >= length) return all;
    return static_cast<std::size_t>(static_cast<double>(all) * static_cast<double>(passed.count()) /
                                    static_cast<double>(length.count()));
}

}  // namespace

fleet::fleet(asio::io_context& io, stage const& on, known_registries registries, std::chrono::milliseconds every)
    : io_(io), registries_(std::move(registries)), every_(every)
{
    for (auto const& each : on.probes)
        probes_.emplace_back(each, address_of(probes_.size()), registries_, *this, probes_.size());
}

void fleet::spawn(asio::awaitable<void> work)
{
    asio::co_spawn(io_, std::move(work), expect_cancelled);
}

void fleet::switch_on(std::chrono::milliseconds spread)
{
    spawn(start_all(spread));
    spawn(pulse());
}

asio::awaitable<void> fleet::start_all(std::chrono::milliseconds spread)
{
    auto const begun = steady_clock::now();
    for (std::size_t started = 0; started < probes_.size(); co_await pause_for(tick)) {
        auto const now = due(probes_.size(), steady_clock::now() - begun, spread);
        for (; started < now; ++started) spawn(probes_[started].live());
    }
}

/// Each probe has its moment in every round.
asio::awaitable<void> fleet::pulse()
{
    while (!off_) {
        auto const begun = steady_clock::now();
        for (std::size_t done = 0; done < probes_.size() && !off_; co_await pause_for(tick)) {
            auto const now = due(probes_.size(), steady_clock::now() - begun, every_);
            for (; done < now && !off_; ++done) co_await probes_[done].measure();
        }
    }
}

asio::awaitable<bool> fleet::until(std::function<bool()> come_true, steady_clock::duration limit)
{
    auto const deadline = steady_clock::now() + limit;
    for (;;) {
        if (come_true()) co_return true;
        if (steady_clock::now() >= deadline) co_return false;
        co_await pause_for(tick);
    }
}

asio::awaitable<void> fleet::switch_off(std::chrono::seconds patience)
{
    off_ = true;
    co_await until([this] { return results_kept() == 0; }, patience);
    for (auto& each : probes_) each.switch_off();
}

loss const& fleet::lose(std::string controller)
{
    loss_.emplace();
    loss_->controller = std::move(controller);
    loss_->at = steady_clock::now();
    for (auto const& each : probes_) {
        if (each.controller() == loss_->controller && each.is_working() && each.jobs() > 0)
            loss_->missing.emplace(each.number(), each.next_sequence());
    }
    loss_->concerned = loss_->missing.size();
    return *loss_;
}

std::size_t fleet::working_now() const
{
    return static_cast<std::size_t>(
        std::count_if(probes_.begin(), probes_.end(), [](auto const& each) { return each.is_working(); }));
}

std::size_t fleet::results_kept() const
{
    std::size_t out = 0;
    for (auto const& each : probes_) {
        if (each.is_working()) out += each.kept();
    }
    return out;
}

void fleet::entered(simulated_probe& who)
{
    ++counts_.sessions;
    auto const now = ++sessions_[who.controller()];
    auto& most = most_sessions_[who.controller()];
    most = std::max(most, now);
}

void fleet::working(simulated_probe& who)
{
    if (who.jobs() == 0) on_jobless(who.number());
}

void fleet::left(simulated_probe& who, std::variant<std::monostate, proto::wait, proto::refuse> const& told)
{
    ++counts_.sessions_ended;
    --sessions_[who.controller()];
    if (std::holds_alternative<proto::wait>(told)) ++counts_.controller_waits;
    auto const* const refused = std::get_if<proto::refuse>(&told);
    if (refused != nullptr) ++counts_.controller_refusals;
    if (refused != nullptr && refused->code == proto::refusal::revoked) on_revoked(who.number());
}

void fleet::registry_answered(proto::from_registry const* said)
{
    if (said == nullptr)
        ++counts_.registry_silent;
    else if (std::holds_alternative<proto::assignment>(*said))
        ++counts_.assigned;
    else if (std::holds_alternative<proto::wait>(*said))
        ++counts_.told_to_wait;
    else
        ++counts_.refused;
}

void fleet::acknowledged(simulated_probe& who, std::vector<proto::result_item> const& results)
{
    for (auto const& each : results) acknowledged_.push_back({each.measurement, who.number(), each.sequence});
    if (!loss_) return;
    auto const found = loss_->missing.find(who.number());
    if (found == loss_->missing.end()) return;
    auto const is_new = [&](auto const& each) { return each.sequence >= found->second; };
    if (std::none_of(results.begin(), results.end(), is_new)) return;
    loss_->again.push_back(std::chrono::duration<double>(steady_clock::now() - loss_->at).count());
    loss_->missing.erase(found);
}

}  // namespace tp::bench
