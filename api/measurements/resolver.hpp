#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "proto/job.hpp"

namespace tp::api {

/// Resolves names by the system's resolver, which blocks: in a few threads of its own, with a bounded number of names
/// waiting. A caller waits no longer than it says, whatever the thread does.
class resolver {
public:
    static constexpr std::size_t threads = 4, most_waiting = 64, most_texts = 64;

    /// @param name_server  asked for texts in place of those of resolv.conf, for a laboratory.
    explicit resolver(boost::asio::io_context& io, std::optional<boost::asio::ip::udp::endpoint> name_server = {});
    ~resolver();  // waits for the lookups under way, which take as long as resolv.conf allows

    /// The first address of this family. Errors: errc::not_found; errc::timed_out; errc::unavailable when too many
    /// wait.
    boost::asio::awaitable<result<ip_address>> lookup(std::string name, proto::family af,
                                                      std::chrono::milliseconds limit);
    /// The TXT records of a name, each with its strings put together; the first most_texts. Errors: as lookup().
    boost::asio::awaitable<result<std::vector<std::string>>> lookup_texts(std::string name,
                                                                          std::chrono::milliseconds limit);

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace tp::api
