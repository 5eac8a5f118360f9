#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "firmware-signing/tuf/client.hpp"
#include "probe/firmware/own_slot.hpp"
#include "probe/firmware/real_disk.hpp"
#include "probe/firmware/slots_on_disk.hpp"
#include "probe/update/control_keeper.hpp"
#include "probe/update/instruction_pace.hpp"
#include "probe/update/memory.hpp"
#include "probe/update/refresh_times.hpp"
#include "probe/update/seldom.hpp"
#include "probe/update/tunnel.hpp"
#include "probe/update/update_clock.hpp"
#include "probe/update/update_report.hpp"

namespace tp::update {

struct updater_options {
    std::filesystem::path folder;            // of what is remembered, below the state folder
    std::string first_root;                  // the octets that the host trusts; empty: nobody's signatures
    std::optional<firmware::own_slot> from;  // none: nothing is installed
    std::string hardware;                    // its revision; empty: it has none
    host_wishes host;
    refresh_times::options times;
    std::chrono::milliseconds plan_every = std::chrono::minutes{1};   // as long as an update is to be made
    std::chrono::milliseconds told_within = std::chrono::seconds{5};  // the platform hears of an update first
    tuf::limits limits = limits_of_a_probe();
    wall_time built = build_time();

    /// The largest metadata costs four times its length while it is checked.
    static tuf::limits limits_of_a_probe();
};

struct updater_seams {
    std::function<wall_time()> wall;
    std::function<void()> on_news;                                   // a request is there to be sent
    std::function<void(update_report)> tell;                         // the platform
    std::function<void(std::string kind, std::string text)> report;  // an event, to the platform
    std::function<bool()> committed;                                 // what runs here has shown that it works
    std::function<void()> hand_over;                                 // ends this program: the next one is in its slot
    control_keeper::use use_control;                                 // but that of the director
};

/// Keeps what the officers signed up to date, and carries out the director's instructions. What it decides stands in
/// instruction_rules, update_plan, progress and refresh_times.
class updater {
public:
    static constexpr std::chrono::seconds look_every{2};  // at the trial of what runs here, meanwhile

    updater(boost::asio::any_io_executor executor, updater_options with, updater_seams into);

    /// Works until cancelled.
    boost::asio::awaitable<void> run();

    // What the session brings and asks.
    void session_began(probe_id probe);
    void session_ended();
    std::optional<proto::file_request> take_request() { return tunnel_.take_request(); }
    void take(proto::file_part part) { tunnel_.take(std::move(part)); }
    void take(proto::signed_instruction what);
    /// The platform keeps everything that it was told.
    void all_told() { told_.cancel(); }

private:
    bool is_of_use() const noexcept { return !options_.first_root.empty(); }
    void restore();
    void learn_device();
    void restore_instruction();
    result<void> use_control(control::content which, std::optional<std::string_view> octets);

    wall_time time() const;
    bool wants_update() const;
    bool may_begin() const;
    bool is_due() const;
    void look(steady_time now);
    std::optional<steady_time> refresh_due() const;
    steady_time next_look(steady_time now) const;

    boost::asio::awaitable<void> work();
    void note_suspicion(bool well);
    void plan_next_round(bool well);
    boost::asio::awaitable<bool> refresh(tuf::client& client);
    boost::asio::awaitable<bool> carry_out(tuf::client& client);
    boost::asio::awaitable<bool> fetch_and_install(tuf::client& client, tuf::described_target found,
                                                   firmware::offer what);
    boost::asio::awaitable<bool> download(tuf::client& client, tuf::described_target found,
                                          result<std::filesystem::path>& file);
    boost::asio::awaitable<void> wait_for_interruption();
    boost::asio::awaitable<bool> install(firmware::offer what, std::filesystem::path file);
    firmware::admission admit(firmware::offer const& what);
    bool is_wanted(std::uint64_t release) const;
    void take_back(firmware::slot from, std::uint64_t release);

    void judge_new(steady_time now);
    void judge_pending(bool keys_are_fresh);
    void accept(proto::instruction says, proto::signed_instruction what);
    void refuse(doubt why, proto::signed_instruction const& what);
    void judge_current_again();
    void follow_none();

    bool stop_with(error_code why, std::string const& about);
    bool stop_with(firmware::cause why);
    void reach(phase next);
    void changed();
    void clear_downloads(std::vector<std::string> const& but);

    updater_options options_;
    updater_seams into_;
    tunnel tunnel_;
    tuf::metadata_folder metadata_;
    control_keeper control_;
    firmware::real_disk disk_;
    std::optional<firmware::slots_on_disk> slots_;
    firmware::device device_;
    refresh_times times_;
    update_clock clock_;
    memory memory_, saved_;
    seldom refusals_;
    std::vector<signing::public_key> director_;
    std::optional<probe_id> probe_;
    std::optional<proto::signed_instruction> pending_;  // new, or cannot be judged by the keys that are known
    bool is_new_ = false;                               // `pending_` was not judged at all
    instruction_pace pace_;
    std::optional<proto::instruction> current_;
    progress progress_;
    bool begun_ = false;                                   // the time of `current_` has come, and has not passed
    bool fetched_ = true;                                  // something may lie among the downloads
    bool again_ = false;                                   // something came that makes this round of work out of date
    firmware::cause failed_with_ = firmware::cause::none;  // in this round of work, with the instruction
    firmware::cause stopped_by_ = firmware::cause::none;   // likewise, also with what none asks for
    bool suspicious_ = false;                              // the last round looks like an attack
    steady_time next_plan_{}, retry_at_{};                 // not carried out before the latter
    update_report told_last_;
    boost::asio::steady_timer wake_, interrupted_, told_;
};

}  // namespace tp::update
