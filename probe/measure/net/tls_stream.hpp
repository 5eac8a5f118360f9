#pragma once

#include <openssl/types.h>

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"
#include "probe/measure/net/tcp_connection.hpp"
#include "proto/findings.hpp"

namespace tp::probe {

/// What all TLS clients of the probe share. It measures what servers do and trusts none of them: nothing is verified.
/// TLS 1.2 and 1.3 are offered, with every cipher suite, group, signature and key size that OpenSSL still has (security
/// level 0): a weak server is to be measured, not avoided. No secret of ours ever travels in these streams.
class tls_context {
public:
    static constexpr std::size_t largest_certificate_message = 64 * 1024;  // octets; OpenSSL refuses longer ones

    tls_context();
    ~tls_context();

    /// Made at first use, for a probe that measures no TLS pays nothing. Errors: OpenSSL's.
    result<SSL_CTX*> get();

private:
    struct free {
        void operator()(SSL_CTX* context) const noexcept;
    };
    std::unique_ptr<SSL_CTX, free> made_;
};

/// TLS over a connection, as a client. One operation at a time; what it sends passes the connection, and so the guard.
class tls_stream {
public:
    static constexpr std::size_t largest_read = 16 * 1024;  // octets: one record
    /// Octets that may come beside those that read() hands on: the handshake, tickets, heads of records. Without it a
    /// server could send messages that are passed over for as long as the deadline lets it.
    static constexpr std::size_t most_beside = 2 * tls_context::largest_certificate_message;

    /// @param shared, below  must outlive this; `below` is connected.
    /// @param server_name    SNI; empty or an address: none is sent.
    tls_stream(tls_context& shared, tcp_connection& below, std::string server_name);
    tls_stream(tls_stream const&) = delete;
    tls_stream& operator=(tls_stream const&) = delete;
    ~tls_stream();

    /// Errors: errc::closed, errc::timed_out; errc::too_large beyond `most_beside`; those of tls_category(); else those
    /// of the connection.
    boost::asio::awaitable<result<void>> handshake(steady_time deadline);
    boost::asio::awaitable<result<void>> write(std::string_view octets, steady_time deadline);
    /// As tcp_connection::read(): the octets are in a buffer that all streams share.
    boost::asio::awaitable<result<std::string_view>> read(steady_time deadline);
    /// Tells the server that we are done, if the handshake was; does not wait for its answer.
    boost::asio::awaitable<void> close(steady_time deadline);

    /// "1.2" or "1.3", once the server has chosen; else empty.
    std::string version() const;
    /// IANA's number, once the server has chosen.
    std::optional<std::uint16_t> cipher() const;
    /// The last alert that the server sent.
    std::optional<proto::tls_alert> const& alert() const noexcept { return alert_; }

    /// Keeps the server's Certificate message, without its handshake header, exactly as it came. To be called before
    /// handshake().
    void keep_certificate_message() noexcept { keep_ = true; }
    struct certificate_message {
        std::string octets;
        bool v1_3 = false;  // it is laid out differently there
        steady_time at;     // when it came
    };
    std::optional<certificate_message> const& certificates() const noexcept { return certificates_; }

private:
    enum class step : std::uint8_t { handshake, write, read, close };
    struct free {
        void operator()(SSL* session) const noexcept;
    };
    struct listening;  // OpenSSL's callbacks

    result<void> prepare();
    int take(step what, std::string_view octets);
    boost::asio::awaitable<result<int>> drive(step what, std::string_view octets, steady_time deadline);
    boost::asio::awaitable<result<void>> flush(steady_time deadline);
    boost::asio::awaitable<result<void>> fill(steady_time deadline);

    tls_context& shared_;
    tcp_connection& below_;
    std::string server_name_;
    std::unique_ptr<SSL, free> session_;
    bool keep_ = false;
    std::size_t beside_ = 0;
    std::optional<proto::tls_alert> alert_;
    std::optional<certificate_message> certificates_;
};

/// OpenSSL's errors, in its words: "wrong version number".
boost::system::error_category const& tls_category() noexcept;

}  // namespace tp::probe
