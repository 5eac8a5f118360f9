#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "proto/job.hpp"

namespace tp::api {

/// Resolves names by the system's resolver, which blocks: in a few threads of its own, with a bounded number of names
/// waiting. A caller waits no longer than it says, whatever the thread does.
class resolver {
public:
    static constexpr std::size_t threads = 4, most_waiting = 64;

    explicit resolver(boost::asio::io_context& io);
    ~resolver();  // waits for the lookups under way, which take as long as resolv.conf allows

    /// The first address of this family. Errors: errc::not_found; errc::timed_out; errc::unavailable when too many
    /// wait.
    boost::asio::awaitable<result<ip_address>> lookup(std::string name, proto::family af,
                                                      std::chrono::milliseconds limit);

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace tp::api
