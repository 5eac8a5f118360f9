#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware-signing/envelope.hpp"
#include "firmware-signing/repository/content.hpp"
#include "firmware-signing/tuf/signed_file.hpp"

namespace tp::repository {

inline constexpr std::size_t largest_draft = tuf::json::largest;  // octets

/// A file of metadata that people sign: on its way from officer to officer, and at last as it is published. Its octets
/// are written in one way only, so a file of this kind holds nothing that is not shown.
class draft {
public:
    /// One that nobody has signed.
    explicit draft(content says);
    /// Errors: those of json::document::read(), signed_file::read() and read_content(); tuf::refusal::malformed for
    /// another spelling.
    static result<draft> read(std::string_view octets);

    content const& says() const noexcept { return says_; }
    /// What is signed: canonical JSON.
    std::string const& signed_octets() const noexcept { return signed_octets_; }
    /// In the order of their key ids, none twice.
    std::vector<signing::signature> const& signatures() const noexcept { return signatures_; }
    /// The file.
    std::string octets() const;

    /// Adds a signature. Errors: errc::conflict when there is one in the name of this key already, errc::too_large.
    result<void> add(signing::signature one);
    /// Whether this key signed, and well.
    bool is_signed_by(signing::public_key const& key) const;

private:
    content says_;
    std::string signed_octets_;
    std::vector<signing::signature> signatures_;
};

/// The file that content and signatures make.
std::string seal_metadata(std::string_view signed_octets, std::vector<signing::signature> const& signatures);

}  // namespace tp::repository
