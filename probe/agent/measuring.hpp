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
#include "probe/agent/configuration.hpp"
#include "probe/agent/host_log.hpp"
#include "probe/agent/kept.hpp"
#include "probe/agent/storage_watch.hpp"
#include "probe/guard/guard.hpp"
#include "probe/guard/near_hops.hpp"
#include "probe/measure/engines.hpp"
#include "probe/measure/resolve/nameservers.hpp"
#include "probe/measure/resolve/resolver.hpp"
#include "probe/schedule/schedule.hpp"
#include "probe/spool/spool.hpp"
#include "proto/block_list.hpp"
#include "proto/messages.hpp"

namespace tp::probe {

/// The measuring half of the agent: jobs in, results into the spool. It works the same whether a controller is there
/// or not.
class measuring {
public:
    static constexpr std::chrono::seconds longest_look{1};      // between two looks at the clocks
    static constexpr std::chrono::seconds flush_every{1};       // results on the disk at the latest
    static constexpr std::chrono::seconds networks_every{60};   // own addresses are read again
    static constexpr std::chrono::hours translation_every{1};   // and the network is asked how it translates to IPv4
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
    /// To be called once run() has ended: writes what is not yet on the disk, and ends look-ups.
    void finish();

    void set_probe(probe_id probe);
    void set_jobs(std::vector<proto::job> jobs);
    void change_jobs(proto::job_change change);
    /// Replaces what the platform asked before, and outlasts a restart.
    void set_platform_limits(proto::cap_limits wish);
    /// The list of blocks, or why it is no document. It replaces the one before, and outlasts a restart. One that
    /// cannot be read is told to the platform, and changes nothing.
    void take_blocks(result<std::string> list);
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
    /// Sends a packet to the router that this machine uses, on the agent's own behalf, to see that measuring works
    /// here; whether it is answered says nothing. Where there is no such router, or the host does not want it now, that
    /// an engine is there has to do. `done` is called once, maybe at once.
    void check_self(std::function<void(bool well)> done);
    std::vector<proto::event> take_events();

    engines const& can() const noexcept { return engines_; }

private:
    /// A run that is on its way: what its report says beside the findings.
    struct begun {
        proto::job job;
        wall_time planned;
        std::size_t beside = 0;
        std::optional<std::chrono::nanoseconds> resolve_time;
        bool counted = false;  // the guard was told that it began
    };
    struct timers {
        steady_time flush, networks, keep_jobs, keep_day;
    };
    boost::asio::awaitable<void> look();
    boost::asio::awaitable<void> learn_translation();
    void set_translation(result<std::vector<ip_address>> const& found);
    boost::asio::awaitable<void> resolve_and_start(begun what);
    void tick(clocks now);
    void watch_clocks(clocks now);
    void forget_after_silence(clocks now);
    void run_due(clocks now);
    void begin(due_run due);
    void find_target(begun what);
    void start_at(begun what, ip_address to);
    void start_at_near_hop(begun what, bool first);
    void start(begun what, std::optional<ip_address> to);
    void failed(begun const& what, proto::failure why, std::string reason = {}, std::optional<ip_address> to = {});
    void note(begun const& what, outcome const& found);
    proto::report report_of(begun const& what) const;
    void store(begun const& what, outcome found);
    void keep(proto::result_item const& item);
    std::size_t running() const noexcept { return engines_.running() + resolving_; }
    void flush(clocks now);
    void watch_storage(steady_time now);
    void restore_blocks();
    void use_blocks(proto::block_list list);
    void learn_networks();
    void learn_second_hop(outcome const& found);
    void set_near_hops();
    void jobs_changed();
    void keep_jobs();
    void keep_day(steady_time now);

    boost::asio::any_io_executor executor_;
    configuration const& configuration_;
    kept_files files_;
    host_log log_;
    guard guard_;
    anchor_keeper anchors_;
    std::uint64_t blocks_version_ = 0;  // of the list of blocks that came; 0: none did since the start
    routers first_hops_, second_hops_;
    nameservers nameservers_;
    proto::cap_limits platform_limits_;
    resolver resolver_;
    engines engines_;
    schedule schedule_;
    spool& results_;
    std::function<void()> on_news_;
    boost::asio::steady_timer timer_;
    std::uint64_t sequence_;  // of the next result
    std::optional<probe_id> probe_;
    wall_time contact_{};
    wall_time kept_contact_{};
    bool jobs_dirty_ = false;
    storage_watch storage_;
    bool disk_well_ = true, flushes_well_ = true, log_well_ = true;  // as last logged
    bool stopping_ = false;
    std::size_t resolving_ = 0;
    timers next_{};
    std::deque<proto::event> events_;
};

}  // namespace tp::probe
