#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "base/error.hpp"

namespace tp::tuf {

/// A file on its way here.
class incoming {
public:
    incoming() = default;
    incoming(incoming const&) = delete;
    incoming& operator=(incoming const&) = delete;
    virtual ~incoming() = default;

    /// The place in the file of the first octet that read() gives.
    virtual std::uint64_t begins_at() const noexcept = 0;
    /// The next octets, as soon as there are some; nothing at the file's end. It can be cancelled.
    virtual boost::asio::awaitable<result<std::string>> read() = 0;
};

enum class part { metadata, targets };  // of a repository

/// How files come from a repository: through the SSH tunnel in the product, by HTTP in tests. It is trusted with
/// nothing: lengths, times and contents are watched by whoever asks.
class transport {
public:
    transport() = default;
    transport(transport const&) = delete;
    transport& operator=(transport const&) = delete;
    virtual ~transport() = default;

    /// Asks for a file, from an octet on; whoever answers may begin at the first one all the same. It can be cancelled.
    /// @param file  its name, relative to the part of the repository.
    /// Errors: errc::not_found if the repository says that it has no such file; others if it does not say so.
    virtual boost::asio::awaitable<result<std::unique_ptr<incoming>>> open(part from, std::string file,
                                                                           std::uint64_t offset) = 0;
};

}  // namespace tp::tuf
