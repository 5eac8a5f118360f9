#include "store_fixture.hpp"

#include <openssl/evp.h>

#include <random>

#include "store/migrations.hpp"

namespace tp::store {

namespace {

/// The schema is made once and copied for each test.
std::string const& migrated()
{
    static std::string const name = [] {
        auto made = test::cluster::shared().make_database();
        asio::io_context io;
        database fresh(io, {.conninfo = test::cluster::shared().conninfo(made)});
        error_code failed;
        asio::co_spawn(io, migrate(fresh), [&](std::exception_ptr thrown, result<void> outcome) {
            if (thrown) std::rethrow_exception(thrown);
            if (!outcome) failed = outcome.error();
        });
        io.run();
        if (failed) throw std::runtime_error("migrate: " + failed.message());
        return made;
    }();
    return name;
}

}  // namespace

store_fixture::store_fixture()
    : name_(test::cluster::shared().make_database(migrated())), db_(io_, options()), owner_(io_, options())
{
}

database::options store_fixture::options(std::string const& user) const
{
    return {.conninfo = test::cluster::shared().conninfo(name_, user)};
}

std::string store_fixture::sql(std::string text, parameters values)
{
    auto const answer = get(owner_.connections().run(std::move(text), std::move(values)));
    return answer.empty() ? "" : answer.text(0, 0);
}

void store_fixture::kill_connections()
{
    sql("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> "
        "pg_backend_pid()");
}

ssh::public_key store_fixture::make_key()
{
    static std::mt19937 random(7);
    std::string blob("\0\0\0\x0bssh-ed25519\0\0\0\x20", 19);
    for (int i = 0; i < 32; ++i) blob += static_cast<char>(random());
    std::string text(100, '\0');
    auto const length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<unsigned char const*>(blob.data()), static_cast<int>(blob.size()));
    return ssh::public_key::parse(text.substr(0, static_cast<std::size_t>(length))).value();
}

account_id store_fixture::account(std::string const& email)
{
    return get(create_account(db_, email, role::user));
}

probe_id store_fixture::probe()
{
    auto const owner = get(first_administrator(db_));
    return get(add_probe(db_, make_key(), owner, ""));
}

controller_id store_fixture::controller(std::string const& name)
{
    return get(register_controller(db_, name, {"192.0.2.1:7441", "[2001:db8::1]:7441"}, make_key(), 10'000));
}

new_measurement store_fixture::ping(account_id owner, std::vector<probe_id> participants, bool one_off)
{
    proto::job job{.measurement = measurement_id::from(1).value(), .target = "target.example"};
    job.when.start = wall_now();
    if (!one_off) job.when.interval = std::chrono::seconds(60);
    return {.job = job, .owner = owner, .probes_requested = 5, .participants = std::move(participants)};
}

}  // namespace tp::store
