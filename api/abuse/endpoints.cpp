#include "api/abuse/endpoints.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/abuse/claim.hpp"
#include "api/abuse/prover.hpp"
#include "api/paging.hpp"
#include "api/parameters.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

abuse_target target_of(store::abuse_record const& record)
{
    return {record.says.prefix, record.says.name};
}

std::string_view state_of(store::abuse_record const& record)
{
    if (record.decision) return record.blocks ? "kept blocked" : "reopened";
    return record.proved ? "blocked, to be decided" : "claimed";
}

json::value time_or_null(std::optional<wall_time> const& at)
{
    return at ? json::value(to_unix_seconds(*at)) : json::value(nullptr);
}

/// @param whole  for operators: also what the claimant said.
json::object case_object(store::abuse_record const& record, bool whole)
{
    json::object out{{"id", record.id.value()},
                     {"type", "AbuseCase"},
                     {"target", target_of(record).text()},
                     {"state", state_of(record)},
                     {"blocked", record.blocks},
                     {"opened_at", to_unix_seconds(record.at)},
                     {"proved_at", time_or_null(record.proved)}};
    out["proved_by"] = record.proved_by ? json::value(store::name_of(*record.proved_by)) : json::value(nullptr);
    out["decision"] = record.decision ? json::value(store::name_of(*record.decision)) : json::value(nullptr);
    out["decided_at"] = time_or_null(record.decided);
    out["reason"] = record.decision ? json::value(record.reason) : json::value(nullptr);
    if (!whole) return out;
    out["contact"] = record.says.contact;
    out["text"] = record.says.complaint;
    out["source"] = record.says.source.to_string();
    out["measurements"] = record.paused;
    return out;
}

json::object instructions(abuse_target const& target, std::string const& token)
{
    json::array ways;
    if (auto const url = proof_url(target)) ways.push_back(json::object{{"url", *url}, {"body", token}});
    ways.push_back(json::object{{"record", proof_record(target)}, {"type", "TXT"}, {"text", proof_text(token)}});
    return {{"token", token}, {"one_of", std::move(ways)}};
}

std::string path_of(call const& given, store::abuse_case_id id)
{
    return base_url(given.request) + "api/v2/abuse/" + id.text() + '/';
}

http::response too_many(std::chrono::milliseconds until)
{
    auto const wait = std::chrono::ceil<std::chrono::seconds>(until).count();
    auto out = answer(problem(429, "Too many of these came from this address.", {}));
    for (auto& [name, value] : out.headers)
        if (name == "Retry-After") value = std::to_string(wait);
    return out;
}

/// Case and token belong together, told apart from nothing else.
asio::awaitable<checked<store::abuse_record>> find_with_token(context& shared, call const& given, std::string token)
{
    auto const id = id_in_path<store::abuse_case_id>(given);
    if (!id) co_return id.error();
    auto found = co_await store::find_abuse_case(shared.database, *id);
    if (!found) co_return from_store(found.error());
    if (found->token != token) co_return not_found();
    co_return std::move(*found);
}

}  // namespace

asio::awaitable<http::response> open_abuse_case(context& shared, call given)
{
    auto claim = parse_abuse_claim(given.request.body, shared.limits.allow_special_targets);
    if (!claim) co_return answer(claim.error());
    auto const now = std::chrono::steady_clock::now();
    if (auto const until = shared.abuse.claims.take(given.request.peer, now)) co_return too_many(*until);
    store::new_abuse_case wanted{claim->target.prefix, claim->target.name, std::move(claim->contact),
                                 std::move(claim->complaint), given.request.peer};
    auto const opened = co_await store::open_abuse_case(shared.database, std::move(wanted));
    if (!opened) co_return answer(from_store(opened.error()));
    json::object out{{"id", opened->id.value()}, {"type", "AbuseCase"}, {"target", claim->target.text()}};
    out["state"] = "claimed";
    out["proof"] = instructions(claim->target, opened->token);
    out["verify"] = path_of(given, opened->id) + "verify/";
    co_return json_answer(out, 201);
}

asio::awaitable<http::response> verify_abuse_case(context& shared, call given)
{
    auto const token = parse_abuse_token(given.request.body);
    if (!token) co_return answer(token.error());
    auto const now = std::chrono::steady_clock::now();
    if (auto const until = shared.abuse.proofs.take(given.request.peer, now)) co_return too_many(*until);
    auto found = co_await find_with_token(shared, given, *token);
    if (!found) co_return answer(found.error());
    json::array tried;
    if (!found->proved) {
        auto search = co_await look_for_proof(shared.names, shared.abuse.ways, target_of(*found), found->token);
        for (auto& line : search.tried) tried.emplace_back(std::move(line));
        if (search.found) {
            auto const noted = co_await store::prove_abuse_case(shared.database, found->id, *search.found);
            if (!noted) co_return answer(from_store(noted.error()));
            found = co_await find_with_token(shared, given, *token);
            if (!found) co_return answer(found.error());
        }
    }
    auto out = case_object(*found, false);
    out["tried"] = std::move(tried);
    co_return json_answer(out);
}

asio::awaitable<http::response> list_abuse_cases(context& shared, call given)
{
    if (!may(given.who, "abuse.list")) co_return answer(forbidden(""));
    auto const at = parse_page(given.request);
    if (!at) co_return answer(at.error());
    auto const undecided = read_flag(given.request, "undecided");
    if (!undecided) co_return answer(undecided.error());
    auto const found =
        co_await store::list_abuse_cases(shared.database, undecided->value_or(false), at->offset(), at->size);
    if (!found) co_return answer(from_store(found.error()));
    json::array results;
    for (auto const& each : found->rows) results.push_back(case_object(each, true));
    co_return json_answer(envelope(given.request, *at, found->count, std::move(results)));
}

asio::awaitable<http::response> get_abuse_case(context& shared, call given)
{
    if (auto const token = given.request.find("token")) {
        auto const found = co_await find_with_token(shared, given, std::string(*token));
        if (!found) co_return answer(found.error());
        co_return json_answer(case_object(*found, false));
    }
    if (!may(given.who, "abuse.list")) co_return answer(forbidden(""));
    auto const id = id_in_path<store::abuse_case_id>(given);
    if (!id) co_return answer(id.error());
    auto const found = co_await store::find_abuse_case(shared.database, *id);
    if (!found) co_return answer(from_store(found.error()));
    co_return json_answer(case_object(*found, true));
}

asio::awaitable<http::response> decide_abuse_case(context& shared, call given)
{
    if (!may(given.who, "abuse.decide")) co_return answer(forbidden(""));
    auto const id = id_in_path<store::abuse_case_id>(given);
    if (!id) co_return answer(id.error());
    auto wanted = parse_abuse_verdict(given.request.body);
    if (!wanted) co_return answer(wanted.error());
    auto const done = co_await store::decide_abuse_case(shared.database, *id, wanted->decision, given.who.key->account,
                                                        std::move(wanted->reason));
    if (!done) co_return answer(from_store(done.error()));
    auto const found = co_await store::find_abuse_case(shared.database, *id);
    if (!found) co_return answer(from_store(found.error()));
    co_return json_answer(case_object(*found, true));
}

}  // namespace tp::api
