#include "probe/measure/net/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <boost/asio/use_awaitable.hpp>

#include "base/coroutine.hpp"

namespace tp::probe {
namespace {

class openssl_category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "tls"; }
    std::string message(int value) const override
    {
        auto const* const said = ERR_reason_error_string(static_cast<unsigned long>(value));
        return said ? said : "TLS error " + std::to_string(value);
    }
};

/// The first error that OpenSSL noted is the cause, the others are its consequences.
error_code take_error()
{
    auto const first = ERR_get_error();
    ERR_clear_error();
    if (first == 0) return errc::malformed;
    return {static_cast<int>(first), tls_category()};
}

/// SECLEVEL=0 admits short keys and old signatures; suites without any certificate stay out.
constexpr char const* tls_1_2_suites = "ALL:!aNULL:!eNULL:@SECLEVEL=0";

std::array<char, tls_stream::largest_read>& shared_buffer()
{
    static thread_local std::array<char, tls_stream::largest_read> buffer;
    return buffer;
}

}  // namespace

boost::system::error_category const& tls_category() noexcept
{
    static openssl_category const category;
    return category;
}

tls_context::tls_context() = default;
tls_context::~tls_context() = default;

void tls_context::free::operator()(SSL_CTX* context) const noexcept
{
    SSL_CTX_free(context);
}

result<SSL_CTX*> tls_context::get()
{
    if (made_) return made_.get();
    ERR_clear_error();
    std::unique_ptr<SSL_CTX, free> made(SSL_CTX_new(TLS_client_method()));
    auto* const raw = made.get();
    if (!raw || !SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) ||
        !SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION) || !SSL_CTX_set_cipher_list(raw, tls_1_2_suites))
        return take_error();
    SSL_CTX_set_verify(raw, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(raw, largest_certificate_message);
    // Servers that never heard of RFC 5746 are common enough; we renegotiate nothing.
    SSL_CTX_set_options(raw, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    made_ = std::move(made);
    return raw;
}

tls_stream::tls_stream(tls_context& shared, tcp_connection& below, std::string server_name)
    : shared_(shared), below_(below), server_name_(std::move(server_name))
{
}

tls_stream::~tls_stream() = default;

void tls_stream::free::operator()(SSL* session) const noexcept
{
    SSL_free(session);
}

/// What OpenSSL tells on the way: alerts, and the messages of the handshake.
struct tls_stream::listening {
    static tls_stream& whose(SSL const* session) { return *static_cast<tls_stream*>(SSL_get_app_data(session)); }

    static void on_info(SSL const* session, int where, int value)
    {
        if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT) return;
        constexpr int octet = 0xff, octet_bits = 8;
        whose(session).alert_ = proto::tls_alert{.level = static_cast<unsigned>(value >> octet_bits & octet),
                                                 .description = static_cast<unsigned>(value & octet)};
    }

    static void on_message(int sent, int, int content, void const* octets, std::size_t size, SSL* session, void*)
    {
        constexpr std::size_t head = 4;  // type, and length in three octets
        auto const* const first = static_cast<char const*>(octets);
        if (sent || content != SSL3_RT_HANDSHAKE || size < head || first[0] != SSL3_MT_CERTIFICATE) return;
        auto& self = whose(session);
        if (!self.keep_ || self.certificates_) return;
        self.certificates_ = certificate_message{std::string(first + head, size - head),
                                                 SSL_version(session) == TLS1_3_VERSION, steady_time::clock::now()};
    }
};

result<void> tls_stream::prepare()
{
    auto const context = shared_.get();
    if (!context) return context.error();
    session_.reset(SSL_new(*context));
    auto* const raw = session_.get();
    BIO* const from = BIO_new(BIO_s_mem());
    BIO* const to = BIO_new(BIO_s_mem());
    if (!raw || !from || !to) {
        BIO_free(from);
        BIO_free(to);
        return take_error();
    }
    SSL_set_bio(raw, from, to);
    SSL_set_app_data(raw, this);
    SSL_set_info_callback(raw, listening::on_info);
    SSL_set_msg_callback(raw, listening::on_message);
    bool const is_name = !server_name_.empty() && !parse_address(server_name_);
    if (is_name && !SSL_set_tlsext_host_name(raw, server_name_.c_str())) return take_error();
    SSL_set_connect_state(raw);
    return {};
}

/// One call into OpenSSL, which reads and writes memory only.
int tls_stream::take(step what, std::string_view octets)
{
    ERR_clear_error();
    auto* const raw = session_.get();
    switch (what) {
        case step::handshake:
            return SSL_do_handshake(raw);
        case step::write:
            return SSL_write(raw, octets.data(), static_cast<int>(octets.size()));
        case step::read:
            return SSL_read(raw, shared_buffer().data(), static_cast<int>(shared_buffer().size()));
        case step::close:
            return SSL_shutdown(raw) >= 0 ? 1 : -1;
    }
    return -1;
}

asio::awaitable<result<int>> tls_stream::drive(step what, std::string_view octets, steady_time deadline)
{
    for (;;) {
        int const done = take(what, octets);
        // What was read lies in the shared buffer, so nobody else may run now; an answer to it waits for the next call.
        if (done > 0 && what == step::read) co_return done;
        int const why = SSL_get_error(session_.get(), done);
        auto const failed = why == SSL_ERROR_SSL ? take_error() : error_code();
        auto const flushed = co_await flush(deadline);  // also our alert, when it failed
        if (done > 0) {
            if (!flushed) co_return flushed.error();
            co_return done;
        }
        if (why == SSL_ERROR_ZERO_RETURN) co_return errc::closed;
        if (why != SSL_ERROR_WANT_READ) co_return failed ? failed : make_error_code(errc::closed);
        if (!flushed) co_return flushed.error();
        auto const filled = co_await fill(deadline);
        if (!filled) co_return filled.error();
    }
}

/// Sends what OpenSSL wants to be sent.
asio::awaitable<result<void>> tls_stream::flush(steady_time deadline)
{
    BIO* const out = SSL_get_wbio(session_.get());
    char* octets = nullptr;
    auto const size = BIO_get_mem_data(out, &octets);
    if (size <= 0) co_return result<void>();
    std::string_view const waiting(octets, static_cast<std::size_t>(size));
    auto const sent = co_await below_.write(waiting, deadline);
    (void)BIO_reset(out);
    co_return sent;
}

/// Hands on what the server sent.
asio::awaitable<result<void>> tls_stream::fill(steady_time deadline)
{
    auto const got = co_await below_.read(deadline);
    if (!got) co_return got.error();
    beside_ += got->size();
    if (beside_ > most_beside) co_return errc::too_large;
    if (BIO_write(SSL_get_rbio(session_.get()), got->data(), static_cast<int>(got->size())) <= 0)
        co_return take_error();
    co_return result<void>();
}

asio::awaitable<result<void>> tls_stream::handshake(steady_time deadline)
{
    auto const prepared = prepare();
    if (!prepared) co_return prepared.error();
    auto const done = co_await drive(step::handshake, {}, deadline);
    if (!done) co_return done.error();
    co_return result<void>();
}

asio::awaitable<result<void>> tls_stream::write(std::string_view octets, steady_time deadline)
{
    while (!octets.empty()) {
        auto const done = co_await drive(step::write, octets, deadline);
        if (!done) co_return done.error();
        octets.remove_prefix(static_cast<std::size_t>(*done));
    }
    co_return result<void>();
}

asio::awaitable<result<std::string_view>> tls_stream::read(steady_time deadline)
{
    auto const done = co_await drive(step::read, {}, deadline);
    if (!done) co_return done.error();
    auto const count = static_cast<std::size_t>(*done);
    beside_ -= std::min(beside_, count);
    co_return std::string_view(shared_buffer().data(), count);
}

asio::awaitable<void> tls_stream::close(steady_time deadline)
{
    if (session_ && SSL_is_init_finished(session_.get())) co_await drive(step::close, {}, deadline);
}

std::string tls_stream::version() const
{
    if (!session_ || !cipher()) return {};
    return SSL_version(session_.get()) == TLS1_3_VERSION ? "1.3" : "1.2";
}

std::optional<std::uint16_t> tls_stream::cipher() const
{
    auto const* chosen = session_ ? SSL_get_current_cipher(session_.get()) : nullptr;
    if (!chosen && session_) chosen = SSL_get_pending_cipher(session_.get());
    if (!chosen) return std::nullopt;
    return SSL_CIPHER_get_protocol_id(chosen);
}

}  // namespace tp::probe
