#include "probe/selftest/checks.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/files.hpp"
#include "base/ssh/keys.hpp"
#include "probe/selftest/open_ports.hpp"
#include "proto/kind_names.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t most_named = 4;  // ports

std::string milliseconds(std::chrono::nanoseconds length)
{
    char out[32];
    std::snprintf(out, sizeof out, "%.3f ms", std::chrono::duration<double, std::milli>(length).count());
    return out;
}

/// Octets that no block of a broken disk holds by chance.
std::string pattern()
{
    std::string out(storage_test_octets, '\0');
    std::uint32_t value = 0x2545f491;
    for (char& c : out) {
        value ^= value << 13;
        value ^= value >> 17;
        value ^= value << 5;
        c = static_cast<char>(value);
    }
    return out;
}

/// What became of writing, flushing and reading back: empty when all is well.
std::string write_and_read(std::filesystem::path const& file)
{
    auto const octets = pattern();
    if (auto const written = write_atomically(file, octets, 0600); !written)
        return "cannot be written: " + written.error().message();
    // What was flushed is to come from the disk, not from memory.
    if (int const fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC); fd >= 0) {
        ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        ::close(fd);
    }
    auto const read = read_file(file, octets.size());
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    if (!read) return "cannot be read back: " + read.error().message();
    return *read == octets ? "" : "reads back other octets than were written";
}

struct verdict {
    bool good = false;
    std::string text;
};

verdict judge(proto::ping_report const& found)
{
    std::size_t answered = 0;
    std::optional<std::chrono::nanoseconds> best;
    for (auto const& each : found.packets) {
        if (!each.round_trip) continue;
        ++answered;
        best = best ? std::min(*best, *each.round_trip) : *each.round_trip;
    }
    auto const text = std::to_string(answered) + " of " + std::to_string(found.packets.size()) + " answered";
    return {answered > 0, best ? text + ", best " + milliseconds(*best) : text};
}

verdict judge(proto::traceroute_report const& found)
{
    bool const reached = found.stopped_by == proto::trace_end::reached;
    return {reached, (reached ? "reached in " : "not reached in ") + std::to_string(found.hops.size()) + " hops"};
}

verdict judge(proto::dns_report const& found)
{
    for (auto const& each : found.exchanges)
        if (each.error_name.empty())
            return {true, std::to_string(each.answer_size) + " octets in " +
                              milliseconds(each.round_trip.value_or(std::chrono::nanoseconds(0)))};
    return {false, found.exchanges.empty() ? "nothing was asked" : found.exchanges.front().error_name};
}

verdict judge(proto::http_report const& found)
{
    if (!found.status) return {false, "no answer"};
    return {*found.status == 200,
            "status " + std::to_string(*found.status) + ", " + std::to_string(found.body_size) + " octets"};
}

verdict judge(proto::tls_report const& found)
{
    bool const good = !found.certificates.empty() && !found.alert;
    return {good, good ? "TLS " + found.version + ", " + std::to_string(found.certificates.size()) + " certificates"
                       : "no certificate"};
}

verdict judge(proto::ntp_report const& found)
{
    auto const answered = std::count_if(found.packets.begin(), found.packets.end(),
                                        [](auto const& each) { return each.received && each.error.empty(); });
    return {answered > 0, std::to_string(answered) + " of " + std::to_string(found.packets.size()) + " answered"};
}

}  // namespace

check check_open_ports(std::vector<std::uint16_t> const& allowed)
{
    auto const found = find_open_ports(allowed);
    if (!found) return {"open-ports", false, "cannot be looked for: " + found.error().message()};
    if (found->empty()) return {"open-ports", true, "none"};
    std::string text;
    for (std::size_t i = 0; i < std::min(found->size(), most_named); ++i)
        text += (i == 0 ? "" : ", ") + text_of((*found)[i]);
    if (found->size() > most_named) text += " and " + std::to_string(found->size() - most_named) + " more";
    return {"open-ports", false, text};
}

check check_storage(std::filesystem::path const& folder, std::uint64_t room)
{
    struct statvfs space {};
    if (::statvfs(folder.c_str(), &space) != 0) return {"storage", false, "the state folder cannot be looked at"};
    auto const left = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
    if (left < room)
        return {"storage", false,
                std::to_string(left >> 20) + " MiB are left, and the spool may need " + std::to_string(room >> 20)};
    auto const begun = std::chrono::steady_clock::now();
    auto const wrong = write_and_read(folder / "selftest.tmp");
    auto const took = std::chrono::steady_clock::now() - begun;
    if (!wrong.empty()) return {"storage", false, wrong};
    auto const text = "1 MiB written, flushed and read back in " + milliseconds(took);
    return {"storage", took < slowest_storage, text + ", " + std::to_string(left >> 20) + " MiB left"};
}

check check_key(std::filesystem::path const& file)
{
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return {"key", false, "there is none"};
    constexpr mode_t all_bits = 07777, wanted = 0600;
    if ((status.st_mode & all_bits) != wanted) return {"key", false, "its file is not of mode 0600"};
    auto const key = ssh::private_key::load(file);
    if (!key) return {"key", false, key.error().message()};
    return {"key", true, "mode 0600, " + key->shared().fingerprint()};
}

check check_clock(std::optional<std::chrono::nanoseconds> offset)
{
    if (!offset) return {"clock", false, "no server told the time"};
    bool const near = *offset<farthest_clock&& * offset> - farthest_clock;
    return {"clock", near, milliseconds(*offset) + " from the server's"};
}

check check_outcome(outcome const& found)
{
    std::string const name(proto::names_of(proto::kind_of(found.found)).type);
    if (found.failed) return {name, false, found.failed->text};
    auto const said = std::visit([](auto const& each) { return judge(each); }, found.found);
    return {name, said.good, said.text};
}

std::optional<std::chrono::nanoseconds> clock_offset(outcome const& found)
{
    auto const* const report = std::get_if<proto::ntp_report>(&found.found);
    if (!report) return std::nullopt;
    proto::ntp_packet const* best = nullptr;
    for (auto const& each : report->packets)
        if (each.received && each.error.empty() && (!best || each.round_trip < best->round_trip)) best = &each;
    if (!best) return std::nullopt;
    return best->offset;
}

}  // namespace tp::probe
