#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/signed_files.hpp"
#include "firmware-signing/control/contents.hpp"
#include "firmware-signing/envelope.hpp"
#include "firmware-signing/trusted_keys.hpp"
#include "firmware-signing/tuf/json.hpp"
#include "firmware-signing/tuf/metadata.hpp"

/// What our repositories say: the part of TUF that we use, with the names of those who hold keys, so that a person can
/// read it. Each content has one spelling: write() of what read_content() gives are the octets that were read. Nothing
/// else is ever signed, so nothing is signed that cannot be shown.
namespace tp::repository {

using std::chrono::sys_seconds;

inline constexpr std::size_t longest_word = 32;        // octets of a holder's name, model, channel, hardware
inline constexpr std::size_t longest_file_name = 120;  // octets; the hash before it, and it, are a file's name
inline constexpr std::size_t largest_target = largest_signed_file;
inline constexpr std::size_t most_holders = 64;
inline constexpr std::size_t most_channels = 256;  // models and channels together
inline constexpr std::size_t most_releases = 64;   // of one model and channel
inline constexpr std::size_t most_hardware = 32;
inline constexpr std::uint64_t highest_number = 1'000'000'000;  // of versions and releases

inline constexpr sys_seconds earliest_expiry{std::chrono::seconds(0)};
inline constexpr sys_seconds latest_expiry{std::chrono::seconds(signing::latest_expiry)};

/// Lower-case letters, digits, "-" and "_", beginning with a letter or digit.
bool is_word(std::string_view text) noexcept;
/// Letters, digits and any of "._+~-", beginning with a letter or digit.
bool is_file_name(std::string_view text) noexcept;

/// How TUF lists a public key, and the id that follows from it.
std::string listed_form(signing::public_key const& key);
std::string listed_id(signing::public_key const& key);

using holders = std::map<std::string, signing::public_key, std::less<>>;  // by name

struct role_holders {
    std::vector<std::string> names;  // in order
    std::uint64_t threshold = 1;
    bool operator==(role_holders const&) const = default;
};

struct statement {
    std::uint64_t version = 1;
    sys_seconds expires;
    bool operator==(statement const&) const = default;
};

struct root_content : statement {
    repository::holders holders;
    role_holders root, targets, snapshot, timestamp;
    bool operator==(root_content const&) const = default;
};

/// A model and a channel, whose releases a role of their own signs: "MODEL.CHANNEL", for targets "MODEL/CHANNEL/*".
struct channel {
    std::string model, name;
    role_holders signers;

    std::string role() const { return model + '.' + name; }
    std::string folder() const { return model + '/' + name + '/'; }
    bool operator==(channel const&) const = default;
};

struct targets_content : statement {
    repository::holders holders;
    std::vector<channel> channels;        // in order of trust; each is the last word about its targets
    std::optional<role_holders> control;  // who signs what all probes are told besides releases; the last in order
    bool operator==(targets_content const&) const = default;
};

struct stored_file {
    std::string name;
    std::uint64_t length = 0;  // octets
    std::string sha256;        // hexadecimal digits
    bool operator==(stored_file const&) const = default;
};

struct release {
    std::uint64_t number = 1;           // rises with each release; a probe never goes back
    std::uint64_t floor = 1;            // the lowest release that may still run once this one is known
    std::uint64_t from = 0;             // the lowest release that can be updated to this one without a step between
    std::vector<std::string> hardware;  // revisions; of all if empty
    stored_file image, sbom;
    bool operator==(release const&) const = default;
};

struct release_content : statement {
    std::string model, channel;
    std::vector<release> releases;  // by rising number

    std::string role() const { return model + '.' + channel; }
    std::string folder() const { return model + '/' + channel + '/'; }
    bool operator==(release_content const&) const = default;
};

inline constexpr std::string_view control_role = "control";  // signs for "control/*"

struct control_file {
    control::content which{};
    std::uint64_t length = 0;  // octets
    std::string sha256;        // hexadecimal digits
    bool operator==(control_file const&) const = default;
};

/// What all probes are told besides releases: firmware-signing/control/contents.hpp.
struct control_content : statement {
    std::vector<control_file> files;  // in the order of control::content, none twice
    bool operator==(control_content const&) const = default;
};

using content = std::variant<root_content, targets_content, release_content, control_content>;

/// Canonical JSON.
std::string write(content const& what);
/// Errors: tuf::refusal::malformed for what write() would not write; wrong_type for a role that is none of these.
result<content> read_content(tuf::json::value from);

/// "root", "targets", "control", or that of a model and channel.
std::string role_of(content const& what);
statement const& statement_of(content const& what);

/// Snapshot and timestamp are made by programs: nobody reads them before they are signed.
std::string write_snapshot(statement const& says, std::map<std::string, tuf::file_facts, std::less<>> const& files);
std::string write_timestamp(statement const& says, tuf::file_facts const& snapshot);

/// "2030-01-31T23:59:59Z".
std::string time_text(sys_seconds at);

}  // namespace tp::repository
