#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_set>
#include <variant>
#include <vector>

#include "base/backoff.hpp"
#include "base/ids.hpp"
#include "base/ip_prefix.hpp"
#include "controller/participation_cache.hpp"
#include "proto/messages.hpp"
#include "store/measurements.hpp"
#include "store/result_store.hpp"

namespace tp::controller {

/// Who sent batches, and is told once they are committed.
class receiver {
public:
    virtual ~receiver() = default;
    virtual void acknowledge(std::vector<std::uint64_t> batches) = 0;
};

/// A result as a row, or why it is kept out whoever sent it. Its dates are not judged here: the store keeps implausible
/// ones apart.
std::variant<store::result_row, store::refused_result> judge(proto::result_item item, probe_id probe,
                                                             ip_address const& seen_from);

/// Results from many sessions on their way into the store. Commits form by themselves: while one is under way the next
/// collects, when none is, a batch goes at once. A batch is acknowledged when every result of it is committed or was
/// recorded as refused. A commit that fails is repeated as it was, with its number, until the store has it; one that
/// the store rejects goes in halves, until the row that it cannot hold is alone and recorded as refused.
class intake {
public:
    static constexpr std::size_t most_rows = 5'000, most_octets = 4UL << 20U;                    // in one commit
    static constexpr std::size_t most_rows_waiting = 20'000, most_octets_waiting = 16UL << 20U;  // then sessions wait
    static constexpr std::chrono::milliseconds first_pause{100}, longest_pause{5'000};  // before a commit is repeated

    struct seams {
        std::function<boost::asio::awaitable<result<store::commit_outcome>>(
            std::int64_t commit, std::vector<store::result_row>, std::vector<store::refused_result>)>
            commit;
        std::function<boost::asio::awaitable<result<std::vector<store::participation>>>(std::vector<measurement_id>,
                                                                                        std::vector<probe_id>)>
            history;
    };
    struct counts {
        std::uint64_t commits = 0, stored = 0, duplicates = 0, refused = 0, failures = 0;
    };

    /// @param first_commit  from here on numbers are this process's own, among all that ever stood for the controller.
    intake(boost::asio::any_io_executor executor, seams store, std::int64_t first_commit, backoff pause);

    /// Takes a batch over, and waits before that while too much is waiting already. Its rows get these flags.
    boost::asio::awaitable<void> take(std::weak_ptr<receiver> from, probe_id probe, ip_address seen_from,
                                      proto::result_batch batch, std::int16_t flags = 0);
    /// Commits until cancelled. What is waiting then is not acknowledged, and comes again from the probes.
    boost::asio::awaitable<void> run();

    counts const& counted() const noexcept { return counts_; }
    std::size_t rows_waiting() const noexcept { return rows_waiting_; }

private:
    struct parcel {
        std::weak_ptr<receiver> from;
        std::uint64_t number = 0;
        std::vector<store::result_row> rows;
        std::vector<store::refused_result> refused;
        std::size_t octets = 0;
    };
    struct shipment {
        std::vector<store::result_row> rows;
        std::vector<store::refused_result> refused;
    };

    static parcel pack(std::weak_ptr<receiver> from, probe_id probe, ip_address const& seen_from,
                       proto::result_batch batch);
    bool has_room() const noexcept;
    std::vector<parcel> collect();
    boost::asio::awaitable<std::unordered_set<participation_cache::pair>> granted(std::vector<parcel> const& parcels);
    boost::asio::awaitable<void> commit(shipment what);
    boost::asio::awaitable<result<void>> commit_whole(shipment const& what);
    static std::vector<shipment> halves(shipment what);
    static std::vector<shipment> refused_alone(shipment what);
    static shipment merge(std::vector<parcel>& parcels, std::unordered_set<participation_cache::pair> const& granted);
    static void acknowledge(std::vector<parcel> const& parcels);
    boost::asio::awaitable<void> pause_after(error_code why, std::string_view what);

    seams store_;
    std::int64_t next_commit_;
    backoff pause_;
    participation_cache cache_;
    std::deque<parcel> waiting_;
    std::size_t rows_waiting_ = 0, octets_waiting_ = 0;
    counts counts_;
    bool well_ = true;                          // the store answered the last time
    boost::asio::steady_timer arrival_, room_;  // never expire: cancelled to wake who waits
};

}  // namespace tp::controller
