#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "firmware-signing/control/contents.hpp"
#include "probe/agent/anchor_keeper.hpp"
#include "probe/agent/block_keeper.hpp"
#include "probe/agent/configuration.hpp"
#include "probe/agent/host_log.hpp"
#include "probe/agent/kept.hpp"
#include "probe/agent/runs.hpp"
#include "probe/agent/storage_watch.hpp"
#include "probe/agent/surroundings.hpp"
#include "probe/guard/guard.hpp"
#include "probe/measure/engines.hpp"
#include "probe/measure/resolve/resolver.hpp"
#include "probe/schedule/schedule.hpp"
#include "probe/spool/spool.hpp"
#include "proto/messages.hpp"

namespace tp::probe {

/// The measuring half of the agent: jobs in, results into the spool. It works the same whether a controller is there
/// or not.
class measuring {
public:
    static constexpr std::chrono::seconds longest_look{1};      // between two looks at the clocks
    static constexpr std::chrono::seconds flush_every{1};       // results on the disk at the latest
    static constexpr std::chrono::seconds keep_after{2};        // a changed job list is written at the latest
    static constexpr std::chrono::hours keep_contact_every{1};  // and the time of the last contact
    static constexpr std::chrono::hours keep_day_every{1};      // what the day has used is written down, ...
    static constexpr unsigned keep_day_parts = 256;             // ... and after each such part of what it may use
    static constexpr std::uint64_t least_day_part = 64 * 1024;  // octets
    static constexpr std::size_t most_events = 64;              // waiting; the oldest go first

    /// @param results   must outlive this.
    /// @param on_news   called when results or events are there to be sent.
    measuring(boost::asio::any_io_executor executor, configuration const& from, kept_files files, std::uint32_t boot,
              opened_sockets sockets, spool& results, std::function<void()> on_news);

    /// Measures until cancelled.
    boost::asio::awaitable<void> run();
    /// One look at the clocks, and what is due by them; run() does so by itself.
    void tick(clocks now);
    /// To be called once run() has ended: writes what is not yet on the disk, and ends look-ups.
    void finish();

    void set_probe(probe_id probe);
    void set_jobs(std::vector<proto::job> jobs);
    void change_jobs(proto::job_change change);
    /// Replaces what the platform asked before, and outlasts a restart.
    void set_platform_limits(proto::cap_limits wish);
    /// The list of blocks, or why it is no document. It replaces the one before, and outlasts a restart. One that
    /// cannot be read is told to the platform, and changes nothing.
    void take_blocks(result<std::string> list) { blocks_.take(std::move(list)); }
    /// What came as the list of anchors, or why it is no document.
    void take_document(result<std::string> document) { anchors_.take(std::move(document), clocks::now()); }
    /// Puts to use what officers signed for all probes: anchors, and blocks that nobody sends to; none: they took it
    /// back. Errors: it is not what its name promises.
    result<void> use_control(control::content which, std::optional<std::string_view> octets);
    /// Those that need not be sent again.
    std::vector<proto::held_document> held_documents() const;
    /// A controller was heard now.
    void contact();
    /// Reads the host's list of targets again. False: it is not readable or wrong, which was logged; then nothing is
    /// exempt.
    bool read_allow_list();

    void report_event(std::string kind, std::string text);
    /// As runs::check_self().
    void check_self(std::function<void(bool well)> done) { runs_.check_self(std::move(done)); }
    std::vector<proto::event> take_events();

    engines const& can() const noexcept { return engines_; }

private:
    struct timers {
        steady_time flush, keep_jobs, keep_day;
    };
    boost::asio::awaitable<void> look();
    void watch_clocks(clocks now);
    void forget_after_silence(clocks now);
    std::chrono::nanoseconds silence(clocks now) const;
    void run_due(clocks now);
    void keep(proto::result_item const& item);
    void flush(clocks now);
    void watch_storage(steady_time now);
    void jobs_changed();
    void keep_jobs();
    void keep_day(steady_time now);

    boost::asio::any_io_executor executor_;
    configuration const& configuration_;
    kept_files files_;
    host_log log_;
    guard guard_;
    anchor_keeper anchors_;
    block_keeper blocks_;
    proto::cap_limits platform_limits_;
    resolver resolver_;
    surroundings around_;
    engines engines_;
    runs runs_;
    schedule schedule_;
    spool& results_;
    std::function<void()> on_news_;
    boost::asio::steady_timer timer_;
    std::optional<probe_id> probe_;
    wall_time contact_{};
    wall_time kept_contact_{};
    std::optional<steady_time> heard_;  // the contact, if it was in this process
    bool jobs_dirty_ = false;
    storage_watch storage_;
    bool disk_well_ = true, flushes_well_ = true, log_well_ = true;  // as last logged
    timers next_{};
    std::deque<proto::event> events_;
};

}  // namespace tp::probe
