#include "api/hosting/endpoints.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/hosting/requests.hpp"
#include "api/parameters.hpp"
#include "store/factory.hpp"
#include "store/probes.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;
using outcome = store::code_outcome;

constexpr std::int64_t usual_hours = 24, most_hours = 24 * 366;

http::response code_answer(store::code_answer const& said)
{
    switch (said.what) {
        case outcome::good:
            return json_answer(json::object{{"id", said.probe->value()}, {"type", "Probe"}}, 201);
        case outcome::too_many:
            return answer(problem(429, "Too many codes were wrong; wait an hour before trying again.", {}));
        case outcome::own:
            return answer(bad_body("/code", "This probe is yours already."));
        case outcome::frozen:
            return answer(problem(409, "The batch of this device is frozen; its operators can say why.", {}));
        case outcome::rejected:
            break;
    }
    return answer(bad_body("/code", "This code is unknown, used or expired."));
}

/// Reads the body, and has `by` do what its code is for.
template <class By>
asio::awaitable<http::response> enter_code(context& shared, call given, By by)
{
    if (!may(given.who, "probes.add")) co_return answer(forbidden(""));
    auto wanted = parse_code_request(given.request.body);
    if (!wanted) co_return answer(wanted.error());
    auto consent = agreed(wanted->consent, shared.terms);
    if (!consent) co_return answer(consent.error());
    auto const said =
        co_await by(shared.database, std::move(wanted->code), given.who.key->account, std::move(*consent));
    if (!said) co_return answer(from_store(said.error()));
    co_return code_answer(*said);
}

json::value consent_object(std::optional<store::hosting_record::consent> const& accepted, host_terms const& terms)
{
    if (!accepted && terms.consent_version.empty()) return nullptr;
    json::object out{{"accepted", nullptr}, {"accepted_at", nullptr}, {"to_be_accepted", nullptr}};
    if (accepted) {
        out["accepted"] = accepted->version;
        out["accepted_at"] = to_unix_seconds(accepted->at);
    }
    bool const due = !terms.consent_version.empty() && (!accepted || accepted->version != terms.consent_version);
    if (due) out["to_be_accepted"] = terms.consent_version;
    return out;
}

}  // namespace

asio::awaitable<http::response> get_consent(context& shared, call)
{
    auto const& terms = shared.terms;
    json::object out{{"type", "Consent"}, {"version", nullptr}, {"text", nullptr}};  // nothing is asked for
    if (!terms.consent_version.empty()) {
        out["version"] = terms.consent_version;
        out["text"] = terms.consent_text;
    }
    co_return json_answer(out);
}

asio::awaitable<http::response> accept_consent(context& shared, call given)
{
    auto const id = id_in_path<probe_id>(given);
    if (!id) co_return answer(id.error());
    if (!may(given.who, "probes.change")) co_return answer(forbidden(""));
    auto const wanted = parse_consent(given.request.body);
    if (!wanted) co_return answer(wanted.error());
    auto const consent = agreed(*wanted, shared.terms);
    if (!consent) co_return answer(consent.error());
    if (!*consent) co_return answer(problem(409, "There is no text to be accepted.", {}));
    auto const done = co_await store::accept_consent(shared.database, *id, given.who.key->account, **consent);
    if (!done) co_return answer(from_store(done.error()));
    co_return json_answer(json::object{{"id", id->value()}, {"type", "Probe"}, {"accepted", **consent}}, 201);
}

asio::awaitable<http::response> claim_device(context& shared, call given)
{
    co_return co_await enter_code(shared, std::move(given), store::claim_device);
}

asio::awaitable<http::response> take_probe(context& shared, call given)
{
    co_return co_await enter_code(shared, std::move(given), store::accept_probe);
}

asio::awaitable<http::response> offer_probe(context& shared, call given)
{
    auto const id = id_in_path<probe_id>(given);
    if (!id) co_return answer(id.error());
    if (!may(given.who, "probes.change")) co_return answer(forbidden(""));
    auto const lifetime = parse_offer(given.request.body);
    if (!lifetime) co_return answer(lifetime.error());
    auto const offer = co_await store::offer_probe(shared.database, *id, given.who.key->account, *lifetime);
    if (!offer) co_return answer(from_store(offer.error()));
    if (offer->what == store::offer_outcome::forbidden) co_return answer(forbidden(""));
    if (offer->what == store::offer_outcome::not_possible)
        co_return answer(problem(409, "A probe in this state cannot be handed over.", {}));
    co_return json_answer(json::object{{"id", id->value()}, {"code", offer->code}, {"lifetime", lifetime->count()}},
                          201);
}

asio::awaitable<http::response> withdraw_probe(context& shared, call given)
{
    auto const id = id_in_path<probe_id>(given);
    if (!id) co_return answer(id.error());
    if (!may(given.who, "probes.change")) co_return answer(forbidden(""));
    auto const done = co_await store::withdraw_probe(shared.database, *id, given.who.key->account);
    if (!done) co_return answer(from_store(done.error()));
    co_return no_content();
}

asio::awaitable<http::response> count_lost(context& shared, call given)
{
    if (!given.who.is_operator() || !may(given.who, "probes.list_probes")) co_return answer(forbidden(""));
    std::optional<std::uint32_t> hours;
    if (!read_number(given.request, "hours", hours) || hours.value_or(1) == 0 || hours.value_or(1) > most_hours)
        co_return answer(bad_parameter("hours", "A number of hours is required."));
    auto const after = std::chrono::hours(hours.value_or(usual_hours));
    auto const found = co_await store::count_lost_probes(shared.database, after);
    if (!found) co_return answer(from_store(found.error()));
    json::array reasons;
    std::uint64_t silent = 0, written_off = 0;
    for (auto const& each : *found) {
        reasons.push_back(
            json::object{{"reason", each.reason}, {"silent", each.silent}, {"written_off", each.written_off}});
        silent += each.silent;
        written_off += each.written_off;
    }
    co_return json_answer(json::object{{"type", "LostProbes"},
                                       {"silent_for_hours", after.count()},
                                       {"silent", silent},
                                       {"written_off", written_off},
                                       {"results", std::move(reasons)}});
}

void add_hosting(json::object& page, store::hosting_record const& record, host_terms const& terms)
{
    page["storage"] = nullptr;
    if (record.storage)
        page["storage"] =
            json::object{{"trouble", record.storage->text}, {"since", to_unix_seconds(record.storage->since)}};
    page["consent"] = consent_object(record.accepted, terms);
    page["offered_until"] = nullptr;
    if (record.offered_until) page["offered_until"] = to_unix_seconds(*record.offered_until);
    page["device"] = nullptr;
    if (!record.made) return;
    auto const& made = *record.made;
    page["device"] =
        json::object{{"serial", made.serial}, {"model", made.model},   {"revision", made.revision},
                     {"batch", made.batch},   {"frozen", made.frozen}, {"frozen_because", made.frozen_because}};
}

}  // namespace tp::api
