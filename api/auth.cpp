#include "api/auth.hpp"

#include <algorithm>
#include <array>

namespace tp::api {
namespace {

using store::role;

constexpr std::array table{
    permission{"measurements.create_measurement", role::user, "Create measurements"},
    permission{"measurements.change_measurement", role::user, "Change measurements and who takes part"},
    permission{"measurements.stop_measurement", role::user, "Stop measurements"},
    permission{"measurements.list_measurements", role::host, "See your non-public measurements and their results"},
    permission{"probes.add", role::host, "Add probes and make claim codes"},
    permission{"probes.change", role::host, "Change your probes"},
    permission{"probes.list_probes", role::host, "See what is not public of your probes"},
    permission{"probes.revoke", role::operator_, "Revoke probes"},
    permission{"anchors.publish", role::operator_, "Publish the signed list of anchors"},
    permission{"probes.trust", role::operator_, "Isolate probes, release, revoke and retire them"},
    permission{"factory.manage", role::operator_, "Import factory lists, freeze and thaw batches"},
    permission{"keys.list_keys", role::host, "List your keys"},
    permission{"keys.create", role::host, "Make keys"},
    permission{"keys.delete", role::host, "Disable keys"},
    permission{"controllers.list", role::operator_, "List controllers"},
    permission{"controllers.change", role::operator_, "Drain controllers"},
    permission{"abuse.list", role::operator_, "See abuse cases"},
    permission{"abuse.decide", role::operator_, "Decide about abuse cases"},
    permission{"alerts.list", role::operator_, "See alerts"},
    permission{"rollouts.list", role::operator_, "See rollouts"},
    permission{"rollouts.change", role::operator_, "Create, approve and steer rollouts"},
    permission{"firmware.list", role::operator_, "See the files of the signed repository"},
    permission{"firmware.publish", role::admin, "Publish the signed repository"},
    permission{"accounts.create", role::admin, "Create accounts"},
};

constexpr std::array roles{
    std::pair{role::host, std::string_view("host")},
    std::pair{role::user, std::string_view("user")},
    std::pair{role::operator_, std::string_view("operator")},
    std::pair{role::admin, std::string_view("admin")},
};

}  // namespace

std::span<permission const> permissions() noexcept
{
    return table;
}

std::optional<std::string> key_of(http::request const& request)
{
    constexpr std::string_view scheme = "key ";
    std::string_view header = request.authorization;
    auto const same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
    if (header.size() > scheme.size() &&
        std::equal(scheme.begin(), scheme.end(), header.begin(), [&](char b, char a) { return same(a, b); })) {
        header.remove_prefix(scheme.size());
        while (header.starts_with(' ')) header.remove_prefix(1);
        if (!header.empty()) return std::string(header);
    }
    auto const parameter = request.find("key");
    if (!parameter) return std::nullopt;
    return std::string(*parameter);
}

bool may(caller const& who, std::string_view scope) noexcept
{
    if (!who.key) return false;
    auto const known = std::find_if(table.begin(), table.end(), [&](permission const& p) { return p.scope == scope; });
    if (known == table.end() || who.key->account_role < known->least) return false;
    auto const& scopes = who.key->scopes;
    return std::any_of(scopes.begin(), scopes.end(), [&](std::string const& s) { return s == "*" || s == scope; });
}

bool sees_private(caller const& who, std::optional<account_id> owner, std::string_view scope) noexcept
{
    return may(who, scope) && (who.is_operator() || who.is_account(owner));
}

std::string_view name_of(role wanted) noexcept
{
    return std::find_if(roles.begin(), roles.end(), [&](auto const& each) { return each.first == wanted; })->second;
}

std::optional<role> role_named(std::string_view name) noexcept
{
    auto const found = std::find_if(roles.begin(), roles.end(), [&](auto const& each) { return each.second == name; });
    if (found == roles.end()) return std::nullopt;
    return found->first;
}

}  // namespace tp::api
