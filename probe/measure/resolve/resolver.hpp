#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "proto/job.hpp"

namespace tp::probe {

/// Whether a resolver said that a name does not exist, or has no address of that family.
bool means_no_address(error_code why) noexcept;

/// Looks names up with the machine's own resolvers (c-ares; a static build cannot use getaddrinfo). Names are absolute:
/// no search domain is tried. Used from one thread.
class resolver {
public:
    static constexpr std::chrono::seconds limit{5};  // for one name
    static constexpr std::size_t most_at_once = 64;  // names being looked up

    explicit resolver(boost::asio::any_io_executor executor);
    ~resolver();

    /// The addresses of a name in one family, at least one, in the order of the answer.
    /// Errors: c-ares' own ("Domain name not found"); errc::timed_out; errc::unavailable when too many are looked up.
    boost::asio::awaitable<result<std::vector<ip_address>>> resolve(std::string name, proto::family af);

    /// Fails every look-up that is on.
    void cancel();

private:
    class core;
    std::shared_ptr<core> core_;
};

}  // namespace tp::probe
