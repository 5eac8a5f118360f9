#include "store/code_entry.hpp"

#include "store/enrolment.hpp"
#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

code_outcome outcome_named(std::string const& said)
{
    using enum code_outcome;
    if (said == "accepted" || said == "claimed") return good;
    if (said == "too many") return too_many;
    if (said == "frozen") return frozen;
    return said == "own" ? own : rejected;
}

}  // namespace

asio::awaitable<result<code_answer>> enter_code(database& database, std::string sql, std::string code, account_id by,
                                                std::optional<std::string> consent)
{
    parameters values;
    values.add_octets(hash_of_code(code));
    values.add(by.value());
    values.add(consent);
    auto const done = co_await database.connections().run(std::move(sql), std::move(values));
    if (!done) co_return done.error();
    code_answer out{outcome_named(done->text(0, 0)), std::nullopt};
    if (out.what != code_outcome::good) co_return std::move(out);
    auto const probe = probe_id::from(done->integer(0, 1));
    if (!probe) co_return probe.error();
    out.probe = *probe;
    co_return std::move(out);
}

}  // namespace tp::store
