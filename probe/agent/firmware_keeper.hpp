#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "probe/firmware/commit_gate.hpp"
#include "probe/firmware/own_slot.hpp"
#include "probe/firmware/real_disk.hpp"
#include "probe/firmware/slots_on_disk.hpp"
#include "probe/update/update_report.hpp"
#include "proto/version_report.hpp"

namespace tp::probe {

using firmware::own_slot;

/// The agent's part in updates: it says what runs, and commits it once it is known to work.
class firmware_keeper {
public:
    static constexpr std::chrono::seconds look_every{1};
    static constexpr std::chrono::seconds check_every{30};  // itself, until that went well
    static constexpr std::chrono::minutes commit_again{1};  // after the disk said no
    /// Until a report that nobody answered is sent again; doubles. So it is sent some ten times in an hour.
    static constexpr std::chrono::seconds first_pause{30}, longest_pause{600};

    struct seams {
        /// Measures on the agent's own behalf: whether that went well.
        std::function<void(std::function<void(bool)>)> check_self;
        std::function<void()> on_news;  // a report is there to be sent
    };

    firmware_keeper(std::optional<own_slot> from, std::chrono::seconds soak, steady_time now, seams into);

    /// Looks and commits, until cancelled.
    boost::asio::awaitable<void> run();
    void look(steady_time now);

    void session_began();
    void session_ended() noexcept;
    /// The report, once in each session, when something has changed, and until a controller keeps it; none of a program
    /// that is not from a slot, about which the hello says everything. Probe, boot count and software are left open.
    std::optional<proto::version_report> take_report(wall_time now);
    /// A controller keeps it.
    void taken(std::uint64_t number) noexcept;
    /// What is to be said of the director's instruction from now on.
    void tell(update::update_report what);

    bool committed() const noexcept { return committed_; }
    /// A controller keeps everything that there is to report.
    bool all_told() const noexcept { return !due_ && taken_ == number_; }

private:
    void look_for_standing();
    void commit(steady_time now);
    void remind(steady_time now);
    void say_of_update(firmware::slot_state const& known, proto::version_report& out) const;

    std::optional<own_slot> from_;
    std::chrono::seconds soak_;
    seams into_;
    firmware::real_disk disk_;
    std::optional<firmware::slots_on_disk> slots_;
    firmware::health health_;
    bool committed_ = false;
    proto::boot_reason started_ = proto::boot_reason::not_told;
    bool due_ = false;          // a report is to be sent
    std::uint64_t number_ = 0;  // of the report that was sent last
    std::uint64_t taken_ = 0;   // of the one that a controller keeps
    update::update_report update_;
    steady_time next_check_{}, next_commit_{};
    std::optional<steady_time> again_at_;  // of the report that was sent last, once it was seen to be unanswered
    std::chrono::seconds again_after_ = first_pause;
};

}  // namespace tp::probe
