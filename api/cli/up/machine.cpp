#include "api/cli/up/machine.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "api/cli/up/cluster.hpp"
#include "base/files.hpp"
#include "base/handle.hpp"

namespace tp::cli {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

std::optional<ip_address> address_of(sockaddr const* from)
{
    if (from == nullptr) return std::nullopt;
    if (from->sa_family == AF_INET) {
        auto const* v4 = reinterpret_cast<sockaddr_in const*>(from);
        return boost::asio::ip::make_address_v4(ntohl(v4->sin_addr.s_addr));
    }
    if (from->sa_family != AF_INET6) return std::nullopt;
    boost::asio::ip::address_v6::bytes_type octets;
    std::memcpy(octets.data(), reinterpret_cast<sockaddr_in6 const*>(from)->sin6_addr.s6_addr, octets.size());
    return boost::asio::ip::make_address_v6(octets);
}

bool others_can_dial(ip_address const& address)
{
    if (address.is_loopback() || address.is_unspecified() || address.is_multicast()) return false;
    if (address.is_v6()) return !address.to_v6().is_link_local();
    static auto const link_local = ip_prefix::parse("169.254.0.0/16").value();
    return !link_local.contains(address);
}

bool holds_postgres(fs::path const& folder)
{
    return ::access((folder / "postgres").c_str(), X_OK) == 0 && ::access((folder / "initdb").c_str(), X_OK) == 0;
}

/// /usr/lib/postgresql/15/bin -> 15. Programs in $PATH are usually links into such a folder.
std::optional<int> version_of(fs::path const& folder)
{
    std::error_code ec;
    auto const real = fs::canonical(folder / "postgres", ec);
    if (ec) return std::nullopt;
    return postgres_version(real.parent_path().parent_path().filename().string());
}

}  // namespace

result<fs::path> program_folder()
{
    std::error_code ec;
    auto const self = fs::read_symlink("/proc/self/exe", ec);
    if (ec) return error_code(ec.value(), boost::system::system_category());
    return self.parent_path();
}

std::vector<ip_address> own_addresses()
{
    ifaddrs* found = nullptr;
    if (::getifaddrs(&found) != 0) return {};
    handle<ifaddrs, ::freeifaddrs> const all(found);
    std::vector<ip_address> v4, v6;
    for (auto const* each = all.get(); each != nullptr; each = each->ifa_next) {
        auto const address = address_of(each->ifa_addr);
        if (!address || (each->ifa_flags & IFF_UP) == 0 || !others_can_dial(*address)) continue;
        (address->is_v4() ? v4 : v6).push_back(*address);
    }
    v4.insert(v4.end(), v6.begin(), v6.end());
    return v4;
}

bool has_ipv6()
{
    auto const fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    auto const bound = ::bind(fd, reinterpret_cast<sockaddr const*>(&any), sizeof any) == 0;
    ::close(fd);
    return bound;
}

error_code try_to_listen(ip_address const& address, std::uint16_t port)
{
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io);
    asio::ip::tcp::endpoint const endpoint(address, port);
    error_code ec;
    acceptor.open(endpoint.protocol(), ec);
    if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
    if (!ec && address.is_v6()) acceptor.set_option(asio::ip::v6_only(true), ec);
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(1, ec);
    return ec;
}

result<identity> find_user(std::string const& name)
{
    auto const* const entry = ::getpwnam(name.c_str());
    if (entry == nullptr) return errc::not_found;
    return identity{entry->pw_uid, entry->pw_gid};
}

result<std::string> own_name()
{
    auto const* const entry = ::getpwuid(::geteuid());
    if (entry == nullptr) return errc::not_found;
    return std::string(entry->pw_name);
}

std::vector<postgres_programs> installed_postgres()
{
    std::vector<postgres_programs> out;
    auto const look = [&](fs::path const& folder) {
        auto const version = holds_postgres(folder) ? version_of(folder) : std::nullopt;
        auto const known = [&](postgres_programs const& each) { return each.version == *version; };
        if (version && std::none_of(out.begin(), out.end(), known)) out.push_back({folder, *version});
    };
    std::error_code ec;
    for (fs::directory_iterator at("/usr/lib/postgresql", ec), end; !ec && at != end; at.increment(ec))
        look(at->path() / "bin");
    auto const* const variable = std::getenv("PATH");
    std::string const path = variable == nullptr ? "" : variable;
    for (std::size_t begin = 0; begin < path.size();) {
        auto const end = std::min(path.find(':', begin), path.size());
        if (end > begin) look(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

std::optional<fs::path> closed_on_the_way(fs::path const& path, identity const& user)
{
    fs::path so_far;
    for (auto const& step : path) {
        so_far /= step;
        struct stat status {};
        if (::stat(so_far.c_str(), &status) != 0) continue;  // not there yet
        mode_t const bit = status.st_uid == user.user ? S_IXUSR : status.st_gid == user.group ? S_IXGRP : S_IXOTH;
        if ((status.st_mode & bit) == 0) return so_far;
    }
    return std::nullopt;
}

bool is_postmaster_of(int pid, fs::path const& folder)
{
    auto const process = fs::path("/proc") / std::to_string(pid);
    std::error_code ec;
    auto const works_in = fs::read_symlink(process / "cwd", ec);
    if (ec) return false;
    auto const data = fs::canonical(folder, ec);
    return !ec && works_in == data;
}

result<void> make_folder(fs::path const& path, unsigned mode, std::optional<identity> const& owner)
{
    if (::mkdir(path.c_str(), mode) != 0) {
        if (errno == EEXIST && fs::is_directory(path)) return {};
        return last_error();
    }
    if (::chmod(path.c_str(), mode) != 0) return last_error();  // whatever the umask took away
    if (owner && ::chown(path.c_str(), owner->user, owner->group) != 0) return last_error();
    return {};
}

result<folder_lock> folder_lock::take(fs::path const& file)
{
    folder_lock out(owned_fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)));
    if (!out.fd_.is_open()) return last_error();
    if (::flock(out.fd_.get(), LOCK_EX | LOCK_NB) == 0) return out;
    return errno == EWOULDBLOCK ? make_error_code(errc::conflict) : last_error();
}

}  // namespace tp::cli
