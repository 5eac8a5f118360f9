#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "base/handle.hpp"

namespace tp::probe {

/// The other end of one connection, in a thread of its own: a script with a plain blocking socket. Loopback only.
class peer {
public:
    /// What it does with the connection; the socket is closed after it.
    using script = std::function<void(int)>;

    explicit peer(script plays) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof own;
        auto* const address = reinterpret_cast<sockaddr*>(&own);
        if (listener_ < 0 || ::bind(listener_, address, size) != 0 || ::listen(listener_, 1) != 0 ||
            ::getsockname(listener_, address, &size) != 0)
            throw std::runtime_error("no listening socket");
        port_ = ntohs(own.sin_port);
        thread_ = std::thread([this, plays = std::move(plays)] {
            int const fd = ::accept(listener_, nullptr, nullptr);
            if (fd < 0) return;
            plays(fd);
            ::close(fd);
        });
    }
    peer(peer const&) = delete;
    peer& operator=(peer const&) = delete;
    ~peer()
    {
        ::shutdown(listener_, SHUT_RDWR);  // ends an accept that nobody met
        thread_.join();
        ::close(listener_);
    }

    std::uint16_t port() const noexcept { return port_; }

    static void say(int fd, std::string_view octets) { (void)!::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL); }
    /// The same again and again, until the other end closes.
    static void flood(int fd, std::string_view octets)
    {
        while (::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL) > 0) {
        }
    }
    /// All that comes until the other end closes.
    static std::string hear_all(int fd)
    {
        std::string out;
        char buffer[4096];
        for (ssize_t n; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;)
            out.append(buffer, static_cast<std::size_t>(n));
        return out;
    }
    /// Until an empty line.
    static std::string hear_head(int fd)
    {
        std::string out;
        char buffer[4096];
        while (out.find("\r\n\r\n") == std::string::npos) {
            auto const n = ::recv(fd, buffer, sizeof buffer, 0);
            if (n <= 0) break;
            out.append(buffer, static_cast<std::size_t>(n));
        }
        return out;
    }
    /// Closes with a reset instead of an end.
    static void reset(int fd)
    {
        linger const now{1, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }

private:
    int listener_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// A key and a certificate that it signed itself.
struct tls_identity {
    handle<EVP_PKEY, EVP_PKEY_free> key;
    handle<X509, X509_free> certificate;

    static tls_identity make(char const* name)
    {
        tls_identity out{handle<EVP_PKEY, EVP_PKEY_free>(EVP_EC_gen("P-256")), handle<X509, X509_free>(X509_new())};
        auto* const x = out.certificate.get();
        X509_set_version(x, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
        X509_gmtime_adj(X509_getm_notBefore(x), -60L * 60 * 48);
        X509_gmtime_adj(X509_getm_notAfter(x), -60L * 60 * 24);  // it expired yesterday
        X509_set_pubkey(x, out.key.get());
        auto* const subject = X509_get_subject_name(x);
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>(name), -1, -1,
                                   0);
        X509_set_issuer_name(x, subject);
        X509_sign(x, out.key.get(), EVP_sha256());
        return out;
    }
    std::string der() const
    {
        unsigned char* octets = nullptr;
        int const size = i2d_X509(certificate.get(), &octets);
        std::string out(reinterpret_cast<char const*>(octets), static_cast<std::size_t>(size));
        OPENSSL_free(octets);
        return out;
    }
};

/// The server's side of TLS on a blocking socket.
class tls_side {
public:
    using context = handle<SSL_CTX, SSL_CTX_free>;

    static context make_context(tls_identity const& identity, int version)
    {
        context out(SSL_CTX_new(TLS_server_method()));
        SSL_CTX_set_min_proto_version(out.get(), version);
        SSL_CTX_set_max_proto_version(out.get(), version);
        SSL_CTX_use_certificate(out.get(), identity.certificate.get());
        SSL_CTX_use_PrivateKey(out.get(), identity.key.get());
        return out;
    }

    tls_side(SSL_CTX* from, int fd) : session_(SSL_new(from)) { SSL_set_fd(session_.get(), fd); }
    bool accept() { return SSL_accept(session_.get()) == 1; }
    std::string name() const
    {
        auto const* const said = SSL_get_servername(session_.get(), TLSEXT_NAMETYPE_host_name);
        return said ? said : "";
    }
    std::string hear()
    {
        char buffer[4096];
        int const n = SSL_read(session_.get(), buffer, sizeof buffer);
        return n > 0 ? std::string(buffer, static_cast<std::size_t>(n)) : std::string();
    }
    void say(std::string_view octets) { SSL_write(session_.get(), octets.data(), static_cast<int>(octets.size())); }
    void close() { SSL_shutdown(session_.get()); }

private:
    handle<SSL, SSL_free> session_;
};

}  // namespace tp::probe
