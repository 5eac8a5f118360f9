#pragma once

#include "firmware-signing/tuf/command/http_place.hpp"
#include "firmware-signing/tuf/transport.hpp"

namespace tp::tuf {

/// Files by plain HTTP, a connection for each. What comes is not trusted, so nothing is encrypted.
class http_transport final : public transport {
public:
    http_transport(http_place metadata, http_place targets)
        : metadata_(std::move(metadata)), targets_(std::move(targets))
    {
    }

    /// Errors: errc::not_found for 404 and 403; errc::rejected for any other answer but 200 and 206; errc::closed when
    /// the connection ends in the midst; those of sockets, of Beast and of names that do not resolve.
    boost::asio::awaitable<result<std::unique_ptr<incoming>>> open(part from, std::string file,
                                                                   std::uint64_t offset) override;

private:
    http_place metadata_, targets_;
};

}  // namespace tp::tuf
