#include "api/probes/trust.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/hosting/endpoints.hpp"
#include "api/json_fields.hpp"
#include "api/paging.hpp"
#include "api/probes/object.hpp"
#include "store/connections.hpp"
#include "store/probe_keys.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;
using store::trust_actor;
using store::trust_event;
using kind = store::trust_outcome::kind;

constexpr std::uint32_t shown_changes = 200, shown_findings = 200;

constexpr std::array wishes{
    choice<trust_event>{"isolated", trust_event::isolated},
    choice<trust_event>{"active", trust_event::released},
    choice<trust_event>{"probation", trust_event::tried},
    choice<trust_event>{"revoked", trust_event::revoked},
    choice<trust_event>{"retired", trust_event::retired},
    choice<trust_event>{"written_off", trust_event::written_off},
    choice<trust_event>{"pending", trust_event::reinstated},
};

json::value time_or_null(std::optional<wall_time> const& at)
{
    return at ? json::value(to_unix_seconds(*at)) : json::value(nullptr);
}

json::object change_object(store::trust_change const& change)
{
    return {{"at", to_unix_seconds(change.at)},
            {"from", change.from ? json::value(store::name_of(*change.from)) : json::value(nullptr)},
            {"to", store::name_of(change.to)},
            {"event", change.event},
            {"by", change.actor},
            {"reason", change.reason}};
}

json::object finding_object(store::finding_record const& record)
{
    return {{"rule", record.what.rule},
            {"severity", store::name_of(record.what.how)},
            {"saw", record.what.saw},
            {"compared_with", record.what.compared_with},
            {"clears_when", record.what.clears_when},
            {"at", to_unix_seconds(record.at)},
            {"seen_at", to_unix_seconds(record.seen_at)},
            {"seen", record.seen},
            {"held_back_by", record.held_back_by.empty() ? json::value(nullptr) : json::value(record.held_back_by)},
            {"cleared_at", time_or_null(record.cleared_at)},
            {"cleared_by", record.cleared_at ? json::value(record.cleared_by) : json::value(nullptr)}};
}

json::object connection_object(store::connection_record const& record)
{
    return {{"id", record.number},
            {"type", "Connection"},
            {"controller", record.controller},
            {"address", record.address.to_string()},
            {"asn", record.asn ? json::value(*record.asn) : json::value(nullptr)},
            {"prefix", record.prefix ? json::value(record.prefix->text()) : json::value(nullptr)},
            {"connected_at", to_unix_seconds(record.opened)},
            {"disconnected_at", time_or_null(record.closed)},
            {"reason", record.closed ? json::value(record.reason) : json::value(nullptr)},
            {"by_platform", record.by_platform}};
}

/// The probe, if the caller is its host or an operator.
asio::awaitable<checked<store::probe_record>> own_probe(context& shared, call const& given, std::string_view scope)
{
    auto const id = id_in_path<probe_id>(given);
    if (!id) co_return id.error();
    auto found = co_await store::find_probe_by_id(shared.database, *id);
    if (!found) co_return from_store(found.error());
    if (!sees_private(given.who, found->owner, scope)) co_return forbidden("");
    co_return std::move(*found);
}

/// What a host may do with its own probe; the rest takes an operator.
bool is_hosts_wish(trust_event event) noexcept
{
    return event == trust_event::retired || event == trust_event::written_off;
}

asio::awaitable<http::response> apply(context& shared, caller const& who, probe_id probe, trust_request wanted,
                                      std::string scope)
{
    bool const as_operator = may(who, scope);
    if (!as_operator && !(is_hosts_wish(wanted.event) && may(who, "probes.change"))) co_return answer(forbidden(""));
    store::trust_wish wish{probe, wanted.event, as_operator ? trust_actor::operator_ : trust_actor::host,
                           who.key->account, std::move(wanted.reason)};
    auto const done = co_await store::change_trust(shared.database, std::move(wish));
    if (!done) co_return answer(from_store(done.error()));
    if (done->what == kind::forbidden) co_return answer(forbidden(""));
    if (done->what == kind::not_possible) {
        co_return answer(bad_body("/to", "A probe that is " + std::string(store::name_of(done->from)) + " cannot be " +
                                             std::string(store::name_of(wanted.event)) + '.'));
    }
    co_return json_answer(json::object{{"id", probe.value()},
                                       {"type", "Probe"},
                                       {"from", store::name_of(done->from)},
                                       {"to", store::name_of(done->to)},
                                       {"changed", done->what == kind::changed}});
}

}  // namespace

checked<trust_request> parse_trust_request(std::string const& body)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    trust_request out;
    if (fields.find("to") == nullptr) fields.missing("to");
    fields.read("to", wishes, out.event);
    out.reason = fields.text("reason", longest_reason).value_or("");
    if (out.reason.empty() && faults.empty()) fields.missing("reason");
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

std::string_view meaning_of(store::trust_record const& now) noexcept
{
    using enum store::trust_state;
    switch (now.state) {
        case preauthorised:
            return "On a factory list: it waits for a host who claims it.";
        case pending:
            return "Known by its key, and not admitted yet: it has not called the registry, or an operator has to "
                   "release "
                   "it.";
        case active:
            return "Trusted: it measures, and its results are served.";
        case suspect:
            return "Something was found that does not fit. It goes on measuring, its results are served, and new "
                   "measurements do not choose it by themselves.";
        case isolated:
            return now.held
                       ? "Isolated by an operator, who alone can release it: it keeps its connection but has no "
                         "measurements; its results are kept apart and served only to those who ask for them."
                       : "Isolated: it keeps its connection but has no measurements; its results are kept apart and "
                         "served only to those who ask for them. Clean windows lead to probation.";
        case probation:
            return "Back after isolation, and watched: it measures, its results are served, and new measurements do "
                   "not "
                   "choose it by themselves. A clean window makes it active again, any doubt isolates it.";
        case revoked:
            return "Its key is not taken any more, for good.";
        case retired:
            break;
    }
    return "Out of service. An operator can let it come back.";
}

json::object explanation(store::probe_record const& probe, store::trust_record const& now,
                         std::vector<store::trust_change> const& history,
                         std::vector<store::finding_record> const& findings)
{
    json::array changes, seen;
    for (auto const& each : history) changes.push_back(change_object(each));
    for (auto const& each : findings) seen.push_back(finding_object(each));
    json::object out{{"id", probe.id.value()}, {"type", "ProbeExplanation"}, {"state", store::name_of(now.state)}};
    out["held"] = now.held;
    out["since"] = to_unix_seconds(now.since);
    out["meaning"] = meaning_of(now);
    out["measures"] = store::measures(now.state);
    out["status"] = json::object{{"id", static_cast<int>(probe.status)},
                                 {"name", name_of(probe.status)},
                                 {"since", to_unix_seconds(probe.status_since)}};
    out["findings"] = std::move(seen);
    out["history"] = std::move(changes);
    return out;
}

asio::awaitable<http::response> explain_probe(context& shared, call given)
{
    auto const probe = co_await own_probe(shared, given, "probes.list_probes");
    if (!probe) co_return answer(probe.error());
    auto const now = co_await store::trust_of(shared.database, probe->id);
    if (!now) co_return answer(from_store(now.error()));
    auto const history = co_await store::trust_history(shared.database, probe->id, shown_changes);
    if (!history) co_return answer(from_store(history.error()));
    auto const findings = co_await store::findings_of(shared.database, probe->id, shown_findings);
    if (!findings) co_return answer(from_store(findings.error()));
    auto const hosting = co_await store::hosting_of(shared.database, probe->id);
    if (!hosting) co_return answer(from_store(hosting.error()));
    auto page = explanation(*probe, *now, *history, *findings);
    add_hosting(page, *hosting, shared.terms);
    co_return json_answer(page);
}

asio::awaitable<http::response> list_connections(context& shared, call given)
{
    auto const at = parse_page(given.request);
    if (!at) co_return answer(at.error());
    auto const probe = co_await own_probe(shared, given, "probes.list_probes");
    if (!probe) co_return answer(probe.error());
    auto const found = co_await store::connections_of(shared.database, probe->id, at->offset(), at->size);
    if (!found) co_return answer(from_store(found.error()));
    json::array results;
    for (auto const& each : found->rows) results.push_back(connection_object(each));
    co_return json_answer(envelope(given.request, *at, found->count, std::move(results)));
}

asio::awaitable<http::response> change_trust(context& shared, call given)
{
    auto const id = id_in_path<probe_id>(given);
    if (!id) co_return answer(id.error());
    if (!given.who.key) co_return answer(forbidden(""));
    auto wanted = parse_trust_request(given.request.body);
    if (!wanted) co_return answer(wanted.error());
    co_return co_await apply(shared, given.who, *id, std::move(*wanted), "probes.trust");
}

asio::awaitable<http::response> rotate_key(context& shared, call given)
{
    auto const id = id_in_path<probe_id>(given);
    if (!id) co_return answer(id.error());
    bool const as_operator = may(given.who, "probes.trust");
    if (!as_operator && !may(given.who, "probes.change")) co_return answer(forbidden(""));
    auto const wanted = co_await store::want_new_key(
        shared.database, *id, as_operator ? trust_actor::operator_ : trust_actor::host, given.who.key->account);
    if (!wanted) co_return answer(from_store(wanted.error()));
    if (*wanted == store::key_wish_outcome::forbidden) co_return answer(forbidden(""));
    if (*wanted == store::key_wish_outcome::not_possible)
        co_return answer(problem(409, "A probe that may not connect cannot change its key.", {}));
    co_return json_answer(json::object{{"id", id->value()}, {"type", "Probe"}, {"key_wanted", true}}, 202);
}

asio::awaitable<http::response> revoke_probe(context& shared, call given)
{
    auto const id = id_in_path<probe_id>(given);
    if (!id) co_return answer(id.error());
    if (!may(given.who, "probes.revoke")) co_return answer(forbidden(""));
    trust_request wanted{trust_event::revoked, std::string(given.request.find("reason").value_or("no reason given"))};
    if (wanted.reason.size() > longest_reason) co_return answer(bad_parameter("reason", "This is too long."));
    auto const done = co_await apply(shared, given.who, *id, std::move(wanted), "probes.revoke");
    if (done.status != 200) co_return done;
    co_return no_content();
}

}  // namespace tp::api
