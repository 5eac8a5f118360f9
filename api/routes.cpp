#include "api/routes.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/abuse/endpoints.hpp"
#include "api/alerts/endpoints.hpp"
#include "api/anchors/endpoints.hpp"
#include "api/controllers/endpoints.hpp"
#include "api/factory/endpoints.hpp"
#include "api/firmware/endpoints.hpp"
#include "api/hosting/endpoints.hpp"
#include "api/keys/endpoints.hpp"
#include "api/measurements/endpoints.hpp"
#include "api/paging.hpp"
#include "api/probes/endpoints.hpp"
#include "api/probes/trust.hpp"
#include "api/rollouts/endpoints.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
using enum http::method;

boost::asio::awaitable<http::response> get_index(context&, call given)
{
    auto const base = base_url(given.request) + "api/v2/";
    json::object out;
    for (auto const* name : {"measurements", "probes", "anchors", "keys", "controllers", "abuse", "alerts"})
        out[name] = base + name + '/';
    co_return json_answer(out);
}

constexpr std::array table{
    std::pair{http::pattern{get, ""}, &get_index},
    std::pair{http::pattern{get, "root"}, &get_index},
    std::pair{http::pattern{get, "measurements"}, &list_measurements},
    std::pair{http::pattern{post, "measurements"}, &create_measurements},
    std::pair{http::pattern{get, "measurements/my"}, &list_my_measurements},
    std::pair{http::pattern{post, "measurements/my"}, &create_measurements},
    std::pair{http::pattern{get, "measurements/ping"}, &list_measurements},
    std::pair{http::pattern{post, "measurements/ping"}, &create_measurements},
    std::pair{http::pattern{get, "measurements/traceroute"}, &list_measurements},
    std::pair{http::pattern{post, "measurements/traceroute"}, &create_measurements},
    std::pair{http::pattern{get, "measurements/dns"}, &list_measurements},
    std::pair{http::pattern{post, "measurements/dns"}, &create_measurements},
    std::pair{http::pattern{get, "measurements/http"}, &list_measurements},
    std::pair{http::pattern{post, "measurements/http"}, &create_measurements},
    std::pair{http::pattern{get, "measurements/sslcert"}, &list_measurements},
    std::pair{http::pattern{post, "measurements/sslcert"}, &create_measurements},
    std::pair{http::pattern{get, "measurements/ntp"}, &list_measurements},
    std::pair{http::pattern{post, "measurements/ntp"}, &create_measurements},
    std::pair{http::pattern{get, "measurements/{id}"}, &get_measurement},
    std::pair{http::pattern{patch, "measurements/{id}"}, &change_measurement},
    std::pair{http::pattern{delete_, "measurements/{id}"}, &stop_measurement},
    std::pair{http::pattern{get, "measurements/{id}/results"}, &get_results},
    std::pair{http::pattern{get, "measurements/{id}/latest"}, &get_latest},
    std::pair{http::pattern{get, "measurement-latest/{id}"}, &get_latest_by_probe},
    std::pair{http::pattern{get, "measurements-latest/{id}"}, &get_latest_by_probe},
    std::pair{http::pattern{post, "measurements/{id}/participation-requests"}, &change_participation},
    std::pair{http::pattern{get, "probes"}, &list_probes},
    std::pair{http::pattern{post, "probes"}, &add_probe},
    std::pair{http::pattern{get, "probes/my"}, &list_my_probes},
    std::pair{http::pattern{post, "probes/claim-codes"}, &make_claim_code},
    std::pair{http::pattern{post, "probes/claim"}, &claim_device},
    std::pair{http::pattern{post, "probes/transfers"}, &take_probe},
    std::pair{http::pattern{get, "probes/lost"}, &count_lost},
    std::pair{http::pattern{get, "probes/{id}"}, &get_probe},
    std::pair{http::pattern{patch, "probes/{id}"}, &change_probe},
    std::pair{http::pattern{delete_, "probes/{id}"}, &revoke_probe},
    std::pair{http::pattern{get, "anchors"}, &list_anchors},
    std::pair{http::pattern{get, "anchors/documents"}, &list_anchor_documents},
    std::pair{http::pattern{post, "anchors/documents"}, &publish_anchors},
    std::pair{http::pattern{get, "anchors/{id}"}, &get_anchor},
    std::pair{http::pattern{get, "probes/{id}/measurements"}, &list_probe_measurements},
    std::pair{http::pattern{get, "probes/{id}/explain"}, &explain_probe},
    std::pair{http::pattern{get, "probes/{id}/connections"}, &list_connections},
    std::pair{http::pattern{post, "probes/{id}/trust"}, &change_trust},
    std::pair{http::pattern{get, "abuse"}, &list_abuse_cases},
    std::pair{http::pattern{post, "abuse"}, &open_abuse_case},
    std::pair{http::pattern{get, "abuse/{id}"}, &get_abuse_case},
    std::pair{http::pattern{post, "abuse/{id}/verify"}, &verify_abuse_case},
    std::pair{http::pattern{post, "abuse/{id}/decision"}, &decide_abuse_case},
    std::pair{http::pattern{get, "alerts"}, &list_alerts},
    std::pair{http::pattern{post, "probes/{id}/key-rotation"}, &rotate_key},
    std::pair{http::pattern{post, "probes/{id}/consent"}, &accept_consent},
    std::pair{http::pattern{post, "probes/{id}/transfer"}, &offer_probe},
    std::pair{http::pattern{delete_, "probes/{id}/transfer"}, &withdraw_probe},
    std::pair{http::pattern{get, "consent"}, &get_consent},
    std::pair{http::pattern{get, "factory-lists"}, &list_factory_lists},
    std::pair{http::pattern{post, "factory-lists"}, &import_factory_list},
    std::pair{http::pattern{patch, "factory-lists/{word}"}, &change_factory_batch},
    std::pair{http::pattern{get, "keys"}, &list_keys},
    std::pair{http::pattern{post, "keys"}, &create_key},
    std::pair{http::pattern{get, "keys/permissions"}, &list_permissions},
    std::pair{http::pattern{delete_, "keys/{word}"}, &delete_key},
    std::pair{http::pattern{post, "accounts"}, &create_account},
    std::pair{http::pattern{get, "controllers"}, &list_controllers},
    std::pair{http::pattern{get, "firmware/rollouts"}, &list_rollouts},
    std::pair{http::pattern{post, "firmware/rollouts"}, &create_rollout},
    std::pair{http::pattern{get, "firmware/rollouts/{id}"}, &get_rollout},
    std::pair{http::pattern{post, "firmware/rollouts/{id}/approve"}, &approve_rollout},
    std::pair{http::pattern{post, "firmware/rollouts/{id}/pause"}, &pause_rollout},
    std::pair{http::pattern{post, "firmware/rollouts/{id}/resume"}, &resume_rollout},
    std::pair{http::pattern{post, "firmware/rollouts/{id}/halt"}, &halt_rollout},
    std::pair{http::pattern{patch, "controllers/{word}"}, &change_controller},
    std::pair{http::pattern{get, "controllers/{word}/rehearsal"}, &rehearse_loss},
    std::pair{http::pattern{get, "firmware/files"}, &list_firmware_files},
    std::pair{http::pattern{put, "firmware/files"}, &put_firmware_file},
    std::pair{http::pattern{get, "firmware/leftovers"}, &list_firmware_leftovers},
    std::pair{http::pattern{delete_, "firmware/leftovers"}, &remove_firmware_leftovers},
};

// The router takes patterns alone, so that it knows nothing of endpoints.
constexpr auto first_of = [] {
    std::array<http::pattern, table.size()> out{};
    for (std::size_t i = 0; i < table.size(); ++i) out[i] = table[i].first;
    return out;
}();
constexpr auto second_of = [] {
    std::array<endpoint, table.size()> out{};
    for (std::size_t i = 0; i < table.size(); ++i) out[i] = table[i].second;
    return out;
}();

}  // namespace

std::span<http::pattern const> patterns() noexcept
{
    return first_of;
}

std::span<endpoint const> endpoints() noexcept
{
    return second_of;
}

}  // namespace tp::api
