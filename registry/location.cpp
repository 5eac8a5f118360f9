#include "registry/location.hpp"

#include <maxminddb.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>

namespace tp::registry {
namespace {

/// One mapped file. MMDB_s must not move, and is closed only if opening went well.
class mapped_file {
public:
    mapped_file() = default;
    mapped_file(mapped_file const&) = delete;
    mapped_file& operator=(mapped_file const&) = delete;
    ~mapped_file()
    {
        if (open_) MMDB_close(&file_);
    }

    result<void> open(std::filesystem::path const& path)
    {
        if (path.empty()) return {};
        errno = 0;
        auto const status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &file_);
        open_ = status == MMDB_SUCCESS;
        if (open_) return {};
        if (status == MMDB_FILE_OPEN_ERROR && errno != 0) return error_code(errno, boost::system::system_category());
        return errc::malformed;
    }

    std::optional<MMDB_lookup_result_s> find(ip_address const& address) const
    {
        if (!open_) return std::nullopt;
        boost::asio::ip::tcp::endpoint const endpoint(address, 0);
        int status = MMDB_SUCCESS;
        auto const found = MMDB_lookup_sockaddr(&file_, endpoint.data(), &status);
        if (status != MMDB_SUCCESS || !found.found_entry) return std::nullopt;
        return found;
    }

    /// The network of an entry. The library counts the bits of an IPv4 address in an IPv6 tree from the tree's root.
    std::optional<ip_prefix> network_of(ip_address const& address, MMDB_lookup_result_s const& found) const
    {
        constexpr unsigned bits_before_v4 = 96;
        unsigned bits = found.netmask;
        if (address.is_v4() && file_.metadata.ip_version == 6) {
            if (bits < bits_before_v4) return std::nullopt;
            bits -= bits_before_v4;
        }
        auto const prefix = ip_prefix::around(address, bits);
        return prefix ? std::optional(*prefix) : std::nullopt;
    }

private:
    MMDB_s file_{};
    bool open_ = false;
};

std::optional<std::uint32_t> as_number(MMDB_lookup_result_s found)
{
    MMDB_entry_data_s value{};
    auto const status = MMDB_get_value(&found.entry, &value, "autonomous_system_number", nullptr);
    if (status != MMDB_SUCCESS || !value.has_data || value.type != MMDB_DATA_TYPE_UINT32) return std::nullopt;
    return value.uint32;
}

std::string country_code(MMDB_lookup_result_s found)
{
    constexpr std::uint32_t code_length = 2;
    MMDB_entry_data_s value{};
    auto const status = MMDB_get_value(&found.entry, &value, "country", "iso_code", nullptr);
    if (status != MMDB_SUCCESS || !value.has_data || value.type != MMDB_DATA_TYPE_UTF8_STRING) return {};
    return value.data_size == code_length ? std::string(value.utf8_string, value.data_size) : std::string{};
}

}  // namespace

struct location_files::parts {
    mapped_file asn, country;
};

location_files::location_files() : parts_(std::make_unique<parts>())
{
}
location_files::location_files(location_files&&) noexcept = default;
location_files& location_files::operator=(location_files&&) noexcept = default;
location_files::~location_files() = default;

result<location_files> location_files::open(paths const& paths)
{
    location_files out;
    if (auto const opened = out.parts_->asn.open(paths.asn); !opened) return opened.error();
    if (auto const opened = out.parts_->country.open(paths.country); !opened) return opened.error();
    return out;
}

location_files::network location_files::find(ip_address const& address) const
{
    network out;
    if (auto const found = parts_->asn.find(address)) {
        out.asn = as_number(*found);
        if (out.asn) out.prefix = parts_->asn.network_of(address, *found);
    }
    if (auto const found = parts_->country.find(address)) out.country = country_code(*found);
    return out;
}

store::location location_files::locate(ip_address const& seen_from, std::optional<ip_address> const& local_v4,
                                       std::optional<ip_address> const& local_v6) const
{
    auto const v4 = seen_from.is_v4() ? std::optional(seen_from) : local_v4;
    auto const v6 = seen_from.is_v6() ? std::optional(seen_from) : local_v6;
    auto const in_v4 = v4 ? find(*v4) : network{};
    auto const in_v6 = v6 ? find(*v6) : network{};
    auto const& first = seen_from.is_v4() ? in_v4 : in_v6;
    auto const& other = seen_from.is_v4() ? in_v6 : in_v4;
    return {.asn_v4 = in_v4.asn,
            .asn_v6 = in_v6.asn,
            .prefix_v4 = in_v4.prefix,
            .prefix_v6 = in_v6.prefix,
            .country = first.country.empty() ? other.country : first.country};
}

}  // namespace tp::registry
