#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "controller/config.hpp"

namespace tp::controller {

/// Everything that a controller does, wired together: what main() runs, and what tests run in their own process.
class service {
public:
    /// Loads or makes the host key and listens; what went wrong is logged.
    static result<std::unique_ptr<service>> open(boost::asio::io_context& io, config const& config);
    ~service();

    /// Waits for the database, registers there, and serves. `over` is called once all has ended: after stop(), when the
    /// start failed, or when another process has started under the same name.
    void start(std::function<void()> over);
    /// Ends all sessions in good order.
    void stop();

    bool failed() const noexcept;
    /// It failed because another process has taken its place: started again, it would take that one's.
    bool replaced() const noexcept;
    std::vector<boost::asio::ip::tcp::endpoint> endpoints() const;

private:
    struct parts;
    explicit service(std::unique_ptr<parts> all);
    std::unique_ptr<parts> parts_;
};

}  // namespace tp::controller
