#include "firmware-signing/tool/factory_file.hpp"

#include "base/settings.hpp"
#include "firmware-signing/envelope.hpp"
#include "firmware-signing/self_test_report.hpp"

namespace tp::signing::tool {
namespace {

std::string first_failure(self_test_report const& report)
{
    for (auto const& one : report.checks)
        if (!one.good) return one.name + ": " + one.text;
    return "a check is missing";
}

/// The key of a device whose report is good; else it was complained.
std::optional<ssh::public_key> key_in_report(settings& from, wall_time now,
                                             std::function<result<std::string>(std::string const&)> const& give)
{
    auto const file = from.text("report", "");
    if (file.empty()) {
        from.complain("report", "is needed: `trigpoint-probe selftest` writes it on the device");
        return std::nullopt;
    }
    auto const octets = give(file);
    auto const read = octets ? read_self_test(*octets) : result<self_test_report>(octets.error());
    if (!read) {
        from.complain("report", file + " is not believed: " + read.error().message());
        return std::nullopt;
    }
    if (!read->passed()) {
        from.complain("report", file + " says that the device failed: " + first_failure(*read));
        return std::nullopt;
    }
    if (read->at < now - oldest_report || read->at > now + std::chrono::days(1)) {
        from.complain("report", file + " is too old, or of the future");
        return std::nullopt;
    }
    return read->key;
}

std::string hash_in(settings& from)
{
    auto const code = from.text("claim_code", ""), hash = from.text("claim_code_sha256", "");
    if (code.empty() == hash.empty())
        from.complain("claim_code", "or \"claim_code_sha256\" is needed, and one of them only");
    return code.empty() ? hash : hash_of_claim_code(code);
}

}  // namespace

factory_file read_factory_file(std::string_view text, std::string const& name, wall_time now,
                               std::function<result<std::string>(std::string const&)> const& report)
{
    auto file = settings::parse(text, name);
    factory_file out;
    out.list.batch = file.text("batch", "");
    auto tables = file.tables("device");
    if ((out.complaint = file.finish())) return out;
    for (auto& each : tables) {
        auto const word = [&](char const* key) { return each.text(key, ""); };
        auto const serial = word("serial"), model = word("model"), revision = word("revision");
        auto hash = hash_in(each);
        auto key = key_in_report(each, now, report);
        if ((out.complaint = each.finish())) return out;
        if (key) out.list.devices.push_back({serial, std::move(*key), model, revision, std::move(hash)});
    }
    if (auto const written = write_device_list(out.list); written.complaint)
        out.complaint = name + ": " + *written.complaint;
    return out;
}

prepared prepare_factory_list(device_list list, std::uint64_t version, wall_time expires, wall_time now)
{
    auto const written = write_device_list(std::move(list));
    if (written.complaint) return {{}, written.complaint};
    if (expires <= now) return {{}, "the document would have expired already"};
    auto octets = octets_to_sign({factory_name, version, expires, written.content});
    if (!octets) return {{}, "version or expiry: " + octets.error().message()};
    return {std::move(*octets), std::nullopt};
}

}  // namespace tp::signing::tool
