#include "store/probe_keys.hpp"

#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;

asio::awaitable<result<key_offer>> offer_key(database& database, probe_id probe, ssh::public_key from,
                                             ssh::public_key to)
{
    auto const done = co_await database.connections().run("select offer_key($1::int, $2, $3)",
                                                          parameters::of(probe.value(), from.base64(), to.base64()));
    // Two probes offered it at the same moment.
    if (!done && done.error() == errc::conflict) co_return key_offer::known;
    if (!done) co_return done.error();
    auto const said = done->text(0, 0);
    co_return said == "taken" ? key_offer::taken : said == "known" ? key_offer::known : key_offer::not_now;
}

asio::awaitable<result<void>> adopt_key(database& database, ssh::public_key key)
{
    auto const done = co_await database.connections().run("select adopt_key($1)", parameters::of(key.base64()));
    if (!done) co_return done.error();
    if (!done->flag(0, 0)) co_return errc::conflict;
    co_return result<void>{};
}

asio::awaitable<result<key_wish_outcome>> want_new_key(database& database, probe_id probe, trust_actor as,
                                                       account_id by)
{
    auto const done = co_await database.connections().run("select want_new_key($1::int, $2, $3::int)",
                                                          parameters::of(probe.value(), name_of(as), by.value()));
    if (!done) co_return done.error();
    auto const said = done->text(0, 0);
    if (said == "unknown") co_return errc::not_found;
    using enum key_wish_outcome;
    co_return said == "wanted" ? wanted : said == "forbidden" ? forbidden : not_possible;
}

}  // namespace tp::store
