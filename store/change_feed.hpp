#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/database.hpp"

namespace tp::store {

/// One thing that controllers must hear of. `seq` follows the order of commits, so a reader that keeps the last one it
/// has seen misses nothing.
struct change {
    std::int64_t seq = 0;
    std::string kind;      // "measurement", "probe", "placement", "document", "firmware"
    std::int32_t key = 0;  // the measurement's or probe's number, or that of the publication
};

/// Reads the feed for ever: at once after a NOTIFY, and every few seconds without one, so that a lost notification
/// costs seconds and never a change. Uses a connection of its own, and makes a new one when that breaks.
class change_feed {
public:
    static constexpr std::chrono::seconds longest_quiet{3};
    static constexpr std::size_t largest_read = 1'000;  // changes in one call of the handler
    /// Takes changes in order. When it fails, the same changes come again after a pause.
    using handler = std::function<boost::asio::awaitable<result<void>>(std::vector<change>)>;

    change_feed(boost::asio::io_context& io, database::options options);
    ~change_feed();

    /// Begins after the newest change of now; to be called before the first full read of what changes are about.
    /// Errors: as database.
    boost::asio::awaitable<result<void>> start();
    /// Runs until cancelled.
    boost::asio::awaitable<void> run(handler take);
    std::int64_t position() const noexcept;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace tp::store
