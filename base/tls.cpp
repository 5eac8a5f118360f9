#include "base/tls.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ssl/context.hpp>

#include "base/files.hpp"
#include "base/handle.hpp"
#include "base/ip_prefix.hpp"

namespace tp {
namespace {

using certificate = handle<X509, X509_free>;
using private_key = handle<EVP_PKEY, EVP_PKEY_free>;
using memory = handle<BIO, BIO_free_all>;
using extension = handle<X509_EXTENSION, X509_EXTENSION_free>;

constexpr long day = 24 * 3600;  // seconds
constexpr std::size_t largest_pem = 64 * 1024;

error_code last_error()
{
    auto const code = static_cast<int>(ERR_get_error());
    ERR_clear_error();
    return code != 0 ? error_code(code, boost::asio::error::get_ssl_category()) : make_error_code(errc::rejected);
}

/// "DNS:localhost,IP:127.0.0.1,..." as OpenSSL's configuration language wants it; so names hold no commas.
result<std::string> alternative_names(std::vector<std::string> const& names)
{
    std::string out = "DNS:localhost,IP:127.0.0.1,IP:::1";
    for (auto const& name : names) {
        bool const clean = !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   std::string_view("-._:*").find(c) != std::string_view::npos;
        });
        if (!clean) return errc::malformed;
        out += (parse_address(name) ? ",IP:" : ",DNS:") + name;
    }
    return out;
}

std::string content_of(BIO* from)
{
    char* data = nullptr;
    auto const length = BIO_get_mem_data(from, &data);
    return std::string(data, static_cast<std::size_t>(length));
}

/// Distinguished name and the comment that tells which names were asked for, so that a change of them is seen.
bool describe(X509* made, std::string const& names)
{
    auto* const subject = X509_get_subject_name(made);
    auto const* const common = reinterpret_cast<unsigned char const*>("Trigpoint");
    if (X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, common, -1, -1, 0) != 1) return false;
    if (X509_set_issuer_name(made, subject) != 1) return false;
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, made, made, nullptr, nullptr, 0);
    std::pair<int, char const*> const wanted[] = {
        {NID_subject_alt_name, names.c_str()},        {NID_basic_constraints, "critical,CA:FALSE"},
        {NID_key_usage, "critical,digitalSignature"}, {NID_ext_key_usage, "serverAuth"},
        {NID_subject_key_identifier, "hash"},         {NID_netscape_comment, names.c_str()},
    };
    return std::all_of(std::begin(wanted), std::end(wanted), [&](auto const& each) {
        extension const made_extension{X509V3_EXT_conf_nid(nullptr, &context, each.first, each.second)};
        return made_extension != nullptr && X509_add_ext(made, made_extension.get(), -1) == 1;
    });
}

certificate make_certificate(EVP_PKEY* key, std::string const& names)
{
    certificate made{X509_new()};
    std::uint64_t serial = 0;
    if (!made || RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return nullptr;
    serial >>= 1U;  // a serial number is positive
    bool const filled = X509_set_version(made.get(), X509_VERSION_3) == 1 &&
                        ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial) == 1 &&
                        X509_gmtime_adj(X509_getm_notBefore(made.get()), -day) != nullptr &&
                        X509_gmtime_adj(X509_getm_notAfter(made.get()), self_made_days * day) != nullptr &&
                        X509_set_pubkey(made.get(), key) == 1 && describe(made.get(), names);
    if (!filled || X509_sign(made.get(), key, EVP_sha256()) == 0) return nullptr;
    return made;
}

/// Whether the file holds a certificate of ours for these names that is good for a while yet.
bool is_usable(std::filesystem::path const& path, std::string const& names)
{
    auto const text = read_file(path, largest_pem);
    if (!text) return false;
    memory const source{BIO_new_mem_buf(text->data(), static_cast<int>(text->size()))};
    certificate const held{PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)};
    if (!held) return false;
    handle<ASN1_IA5STRING, ASN1_IA5STRING_free> const comment{
        static_cast<ASN1_IA5STRING*>(X509_get_ext_d2i(held.get(), NID_netscape_comment, nullptr, nullptr))};
    if (!comment) return false;
    std::string_view const made_for(reinterpret_cast<char const*>(ASN1_STRING_get0_data(comment.get())),
                                    static_cast<std::size_t>(ASN1_STRING_length(comment.get())));
    int days = 0, seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(held.get())) != 1) return false;
    return made_for == names && days > self_made_days / 10;
}

result<void> write_pair(certificate_files const& files, EVP_PKEY* key, X509* made)
{
    memory const key_text{BIO_new(BIO_s_mem())};
    memory const certificate_text{BIO_new(BIO_s_mem())};
    if (PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) return last_error();
    if (PEM_write_bio_X509(certificate_text.get(), made) != 1) return last_error();
    auto const key_written = write_atomically(files.key, content_of(key_text.get()), 0600);
    if (!key_written) return key_written;
    return write_atomically(files.certificate, content_of(certificate_text.get()), 0600);
}

}  // namespace

result<certificate_files> self_made_certificate(std::filesystem::path const& folder,
                                                std::vector<std::string> const& names)
{
    certificate_files const files{folder / "certificate.pem", folder / "key.pem"};
    auto const wanted = alternative_names(names);
    if (!wanted) return wanted.error();
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return error_code(failed.value(), boost::system::system_category());
    if (is_usable(files.certificate, *wanted) && read_secret(files.key, largest_pem)) return files;

    private_key const key{EVP_EC_gen("P-256")};
    if (!key) return last_error();
    auto const made = make_certificate(key.get(), *wanted);
    if (!made) return last_error();
    auto const written = write_pair(files, key.get(), made.get());
    if (!written) return written.error();
    return files;
}

result<std::shared_ptr<boost::asio::ssl::context>> open_tls(certificate_files const& files)
{
    namespace ssl = boost::asio::ssl;
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    error_code error;
    context->use_certificate_chain_file(files.certificate.string(), error);
    if (error) return error;
    context->use_private_key_file(files.key.string(), ssl::context::pem, error);
    if (error) return error;
    return context;
}

}  // namespace tp
