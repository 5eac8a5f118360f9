#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace boost::asio::ssl {
class context;
}

namespace tp {

/// Certificate and key of an HTTPS server, PEM files.
struct certificate_files {
    std::filesystem::path certificate, key;
};

/// A self-made certificate is valid for this long, and made anew when less than a tenth of it is left.
inline constexpr long self_made_days = 825;

/// The certificate in `folder` (certificate.pem, key.pem; mode 0600), made first if there is none, if it is about to
/// expire or if it does not carry these names: EC P-256, self-signed, for localhost, 127.0.0.1, ::1 and `names` (DNS
/// names or addresses). Errors: errc::malformed for a name that cannot stand in a certificate; those of files.
result<certificate_files> self_made_certificate(std::filesystem::path const& folder,
                                                std::vector<std::string> const& names);

/// Server side, TLS 1.2 or newer. Errors: those of OpenSSL for files that cannot be used.
result<std::shared_ptr<boost::asio::ssl::context>> open_tls(certificate_files const& files);

}  // namespace tp
