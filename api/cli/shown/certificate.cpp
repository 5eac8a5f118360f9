#include "api/cli/shown/certificate.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>

#include "base/handle.hpp"

namespace tp::cli {
namespace {

using memory = handle<BIO, BIO_vfree>;
using x509 = handle<X509, X509_free>;

std::string text_of(ASN1_STRING const* value)
{
    unsigned char* octets = nullptr;
    auto const length = ASN1_STRING_to_UTF8(&octets, value);
    if (length < 0) return "?";
    std::string out(reinterpret_cast<char const*>(octets), static_cast<std::size_t>(length));
    OPENSSL_free(octets);
    return out;
}

std::string name_of(X509_NAME const* name)
{
    auto const place = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (place >= 0) return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place)));
    memory out{BIO_new(BIO_s_mem())};
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    auto const length = BIO_get_mem_data(out.get(), &text);
    return length <= 0 ? "nobody" : std::string(text, static_cast<std::size_t>(length));
}

}  // namespace

std::optional<certificate> read_certificate(std::string const& pem)
{
    memory in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    x509 const read{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)};
    if (!read) return std::nullopt;
    certificate out{name_of(X509_get_subject_name(read.get())), name_of(X509_get_issuer_name(read.get())), 0};
    std::tm end{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(read.get()), &end) == 1) out.ends = ::timegm(&end);
    return out;
}

}  // namespace tp::cli
