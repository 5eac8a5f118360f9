#include "api/abuse/prover.hpp"

#include "api/measurements/resolver.hpp"
#include "base/http/call.hpp"

namespace tp::api {
namespace {

namespace asio = boost::asio;

constexpr http_call::limits fetch_limits{std::chrono::milliseconds{5'000}, 8 * 1024, 8 * 1024};
constexpr std::chrono::milliseconds name_limit{5'000}, record_limit{10'000};

/// The address of the target itself, or one of its name's. Errors: errc::rejected for one to which we do not go.
asio::awaitable<result<ip_address>> address_of(resolver& names, abuse_ways ways, abuse_target const& target)
{
    result<ip_address> found = errc::not_found;
    if (target.prefix) {
        found = target.prefix->network();
    } else {
        found = co_await names.lookup(target.name, proto::family::v4, name_limit);
        if (!found) found = co_await names.lookup(target.name, proto::family::v6, name_limit);
    }
    if (found && !ways.allow_special && !may_be_asked(*found)) co_return errc::rejected;
    co_return found;
}

/// The page, or in words why there is none.
struct fetched {
    std::string page, complaint;
};

asio::awaitable<fetched> fetch(resolver& names, abuse_ways ways, abuse_target const& target)
{
    auto const address = co_await address_of(names, ways, target);
    if (!address) {
        bool const elsewhere = address.error() == errc::rejected;
        co_return fetched{{}, elsewhere ? "is not at an address of the public Internet" : address.error().message()};
    }
    http_call::question what;
    what.where.host = target.text();
    what.where.port = ways.http_port;
    what.where.target = proof_path;
    what.at = asio::ip::tcp::endpoint(*address, ways.http_port);
    auto const got = co_await http_call::ask(std::move(what), fetch_limits, nullptr);
    if (!got) co_return fetched{{}, got.error().message()};
    if (got->status != 200) co_return fetched{{}, "answers with status " + std::to_string(got->status)};
    co_return fetched{got->body, {}};
}

}  // namespace

asio::awaitable<proof_search> look_for_proof(resolver& names, abuse_ways ways, abuse_target target, std::string token)
{
    proof_search out;
    if (auto const url = proof_url(target)) {
        auto const got = co_await fetch(names, ways, target);
        if (got.complaint.empty() && page_proves(got.page, token)) {
            out.found = store::abuse_proof::http;
            co_return out;
        }
        out.tried.push_back(*url + ": " + (got.complaint.empty() ? "holds another text" : got.complaint));
    }
    auto const record = proof_record(target);
    auto const texts = co_await names.lookup_texts(record, record_limit);
    if (texts && records_prove(*texts, token)) {
        out.found = store::abuse_proof::dns;
        co_return out;
    }
    out.tried.push_back("TXT " + record + ": " + (texts ? "holds other texts" : texts.error().message()));
    co_return out;
}

}  // namespace tp::api
