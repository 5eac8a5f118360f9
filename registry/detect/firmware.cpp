#include "registry/detect/firmware.hpp"

#include <algorithm>
#include <limits>

#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {
namespace {

/// A report beside what was signed: what is wrong with it, and what its digest was signed as.
struct judgement {
    firmware_fault fault = firmware_fault::none;
    signed_image const* really = nullptr;
};

/// By its digest. What came signed is in the list for ever; only what is older than all that is known for its model may
/// have been signed before the list began.
judgement compare(firmware_report const& report, std::vector<signed_image> const& images)
{
    constexpr auto none = std::numeric_limits<std::uint64_t>::max();
    judgement out{firmware_fault::unknown_release};
    auto oldest = none;
    for (auto const& image : images) {
        bool const same_octets = image.digest == report.digest, same_model = image.model == report.model;
        if (same_octets && (same_model || out.really == nullptr)) out.really = &image;
        if (!same_model) continue;
        oldest = std::min(oldest, image.release);
        if (image.release != report.release) continue;
        if (same_octets) return {};
        out.fault = firmware_fault::other_image;
    }
    if (out.really != nullptr)
        out.fault = out.really->model == report.model ? firmware_fault::other_release : firmware_fault::other_model;
    else if (oldest != none && report.release < oldest)
        out.fault = firmware_fault::none;
    return out;
}

judgement judge(firmware_report const& report, hour_time hour, firmware_catalogue const& signed_ones)
{
    if (!report.signature_valid) return {firmware_fault::bad_signature};
    if (report.from_repository) {
        auto const found = compare(report, signed_ones.images);
        if (found.fault != firmware_fault::none) return found;
    }
    if (!report.nonce_fresh) return {firmware_fault::stale_nonce};
    if (report.release < signed_ones.floor && hour >= signed_ones.floor_binds) return {firmware_fault::below_floor};
    return {};
}

bool is_unsigned(firmware_fault fault) noexcept
{
    return fault >= firmware_fault::other_release;
}

struct seen_in_window {
    std::uint32_t reports = 0, unsigned_ones = 0, stale = 0;
    std::size_t hours_asked = 0, hours_below = 0;  // hours_below: since the first report below the floor
    bool went_back = false;
    firmware_hour worst;
    std::uint64_t last = 0;
};

seen_in_window add_up(window_view window)
{
    seen_in_window out;
    for (auto const& each : window) {
        auto const& hour = each.firmware;
        out.hours_asked += hour.asked ? 1 : 0;
        if (hour.below_floor > 0 && hour.below_floor == hour.reports) {
            ++out.hours_below;
        } else if (hour.reports > 0) {
            out.hours_below = 0;  // one that is allowed: the update was made
        } else if (out.hours_below > 0) {
            ++out.hours_below;
        }
        if (hour.reports == 0) continue;
        out.reports += hour.reports;
        out.unsigned_ones += hour.unsigned_ones;
        out.stale += hour.stale;
        if (hour.worst >= out.worst.worst) out.worst = hour;
        if (hour.last == 0) continue;
        out.went_back = out.went_back || hour.first < out.last || hour.last < hour.first;
        out.last = hour.last;
    }
    return out;
}

severity level_of(seen_in_window const& seen, firmware_limits const& limits)
{
    if (seen.unsigned_ones >= limits.grave || seen.stale >= limits.grave_stale ||
        seen.hours_below >= limits.hours_below_floor) {
        return severity::grave;
    }
    return seen.unsigned_ones >= limits.warning || seen.stale > 0 || seen.went_back ? severity::warning
                                                                                    : severity::note;
}

std::string release(std::uint64_t number, std::string const& model = {})
{
    return "release " + std::to_string(number) + (model.empty() ? "" : " of " + model);
}

/// Its first digits: who wants all finds them in the report, among the probe's events.
std::string beginning_of(sha256 const& digest)
{
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::size_t shown = 8;  // octets
    std::string out = "SHA-256 ";
    for (std::size_t i = 0; i < shown; ++i) {
        out += digits[digest[i] >> 4];
        out += digits[digest[i] & 15];
    }
    return out + "...";
}

std::string sentence(seen_in_window const& seen)
{
    auto const& worst = seen.worst;
    switch (worst.worst) {
        case firmware_fault::bad_signature:
            return "a report was not signed with the probe's key";
        case firmware_fault::other_image:
            return "the program reported as " + release(worst.worst_release, worst.worst_model) + " is another (" +
                   beginning_of(worst.worst_digest) + ')';
        case firmware_fault::unknown_release:
            return release(worst.worst_release, worst.worst_model) + " was reported (" +
                   beginning_of(worst.worst_digest) + ')';
        case firmware_fault::other_release:
        case firmware_fault::other_model:
            return "the program reported as " + release(worst.worst_release, worst.worst_model) + " is " +
                   release(worst.signed_release, worst.signed_model);
        case firmware_fault::stale_nonce:
            return std::to_string(seen.stale) + " reports were old ones, told again";
        case firmware_fault::below_floor:
            return release(worst.worst_release) + " was reported for " + std::to_string(seen.hours_below) + " h";
        case firmware_fault::went_back:
        case firmware_fault::none:
            break;
    }
    return "the release went back to " + std::to_string(seen.last);
}

std::string comparison(seen_in_window const& seen)
{
    switch (seen.worst.worst) {
        case firmware_fault::bad_signature:
            return "each report is signed with the key of the login";
        case firmware_fault::other_image:
            return "the hash that officers signed for it";
        case firmware_fault::unknown_release:
            return "the list of all that officers ever signed, which lacks it";
        case firmware_fault::other_release:
        case firmware_fault::other_model:
            return "what officers signed this hash as";
        case firmware_fault::stale_nonce:
            return "each report answers the question that was asked";
        case firmware_fault::below_floor:
            return release(seen.worst.floor) + " is the lowest that is allowed";
        case firmware_fault::went_back:
        case firmware_fault::none:
            break;
    }
    return "releases only rise";
}

verdict silence(seen_in_window const& seen, firmware_limits const& limits)
{
    if (seen.hours_asked < limits.hours_silent) return verdict::none();
    return verdict::of(
        {rule::firmware,
         severity::warning,
         {static_cast<double>(seen.hours_asked), "no report in " + std::to_string(seen.hours_asked) + " h in session"},
         {static_cast<double>(limits.hours_silent), "a report at each login and every few hours"},
         "a report of what the probe runs"});
}

}  // namespace

firmware_hour firmware_of(probe_hour const& seen, firmware_catalogue const& signed_ones)
{
    if (signed_ones.images.empty()) return {};  // nothing to compare with
    firmware_hour out;
    out.floor = signed_ones.floor;
    out.asked = signed_ones.all_report;
    for (auto const& report : seen.reports) {
        auto const [fault, really] = judge(report, seen.hour, signed_ones);
        out.unsigned_ones += is_unsigned(fault) ? 1 : 0;
        out.stale += fault == firmware_fault::stale_nonce ? 1 : 0;
        out.below_floor += fault == firmware_fault::below_floor ? 1 : 0;
        ++out.reports;
        if (report.settled) {
            if (out.first == 0) out.first = report.release;
            out.last = report.release;
        }
        if (fault < out.worst || fault == firmware_fault::none) continue;
        out.worst = fault;
        out.worst_release = report.release;
        out.worst_model = report.model;
        out.worst_digest = report.digest;
        out.signed_release = really == nullptr ? 0 : really->release;
        out.signed_model = really == nullptr ? std::string() : really->model;
    }
    return out;
}

verdict examine_firmware(window_view window, firmware_limits const& limits)
{
    auto const seen = add_up(window);
    if (seen.reports == 0) return silence(seen, limits);
    if (seen.worst.worst == firmware_fault::none && !seen.went_back) return verdict::clean();
    if (seen.worst.worst == firmware_fault::below_floor && seen.hours_below == 0 && !seen.went_back) {
        return verdict::clean();  // it was told to update, and has
    }
    return verdict::of({rule::firmware,
                        level_of(seen, limits),
                        {static_cast<double>(seen.worst.worst_release), sentence(seen)},
                        {static_cast<double>(seen.worst.floor), comparison(seen)},
                        "a report of a signed release that is allowed, and 24 h without another kind of report"});
}

}  // namespace tp::registry::detect
