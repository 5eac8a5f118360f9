#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/tuf/digest.hpp"
#include "proto/instruction.hpp"
#include "registry/director/director.hpp"
#include "registry/director/stored_files.hpp"
#include "store/firmware_files.hpp"
#include "store/pool.hpp"
#include "tests/unit/repository/officers.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::registry {

using namespace std::chrono_literals;

inline constexpr auto model = "deb-amd64";
inline constexpr auto release_2 = "deb-amd64/stable/probe-2.deb";

/// A repository in the database, some probes that run release 1, and a clock of its own.
class director_test : public store::store_test {
protected:
    director_test()
    {
        publish(2);
        second_ = wait(store::create_account(database_, "second@example.net", store::role::admin)).value();
        where_ = controller();
        anew();
    }

    /// Another registry.
    void anew()
    {
        director_ = std::make_unique<director>(database_, director_settings{},
                                               scribe(signing::private_key::load(key()).value()),
                                               officers_.files.at("1.root.json"), files_, ++seed_);
    }
    std::filesystem::path key()
    {
        auto const file = std::filesystem::temp_directory_path() / ("director-" + std::to_string(::getpid()) + ".pem");
        if (!std::filesystem::exists(file)) {
            EXPECT_TRUE(signing::private_key::make()->save(file));
        }
        return file;
    }
    ~director_test() override { std::filesystem::remove(key()); }

    void publish(std::uint64_t release)
    {
        using repository::signed_by;
        EXPECT_EQ(
            officers_.publish({signed_by(officers_.next_release(repository::some_release(release)), {"ann", "eve"})}),
            "");
        for (auto const& [name, octets] : officers_.files) {
            auto hash = signing::from_hex(tuf::sha256_hex(octets), 32).value();
            EXPECT_TRUE(wait(
                store::put_firmware_part(database_, {"metadata/" + name, octets.size(), std::move(hash), 0, octets})));
        }
    }
    void look(std::chrono::seconds later = 31s)
    {
        now_ += later;
        EXPECT_TRUE(wait(director_->look(now_)));
    }
    void looks(int count, std::chrono::seconds apart = 31s)
    {
        for (int i = 0; i < count; ++i) look(apart);
    }

    store::rollout_id make(std::string mode, std::string path = release_2, std::string waves = "lab,100%")
    {
        store::rollout_wish wanted{
            std::move(mode), std::move(waves), "lab", 60s, 600s, 3600s, rollout::numbers_of(rollout::limits{}), 1,
            "because"};
        return wait(store::create_rollout(database_, std::move(wanted), {std::move(path)}, account())).value();
    }
    void approve(store::rollout_id id, account_id by) { EXPECT_TRUE(wait(store::approve_rollout(database_, id, by))); }
    /// By two persons: its waves are larger than one alone may approve.
    void approve(store::rollout_id id)
    {
        approve(id, account());
        approve(id, second_);
    }
    store::rollout_id started(std::string mode, std::string path = release_2)
    {
        auto const id = make(std::move(mode), std::move(path));
        look();
        approve(id);
        look();
        return id;
    }
    store::rollout_progress at(store::rollout_id id) { return wait(store::find_rollout(database_, id))->at; }
    std::string phase(store::rollout_id id) { return at(id).phase + ' ' + std::to_string(at(id).wave); }

    /// Connected, and running this release.
    probe_id runs(unsigned number, std::uint64_t release = 1, bool lab = false)
    {
        auto const id = probe(number);
        EXPECT_TRUE(wait(store::session_opened(database_, id, where_, *parse_address("192.0.2.9"), "1", {})));
        if (lab) {
            EXPECT_TRUE(wait(store::change_probe(database_, id, {.user_tags = std::vector<std::string>{"lab"}})));
        }
        says(id, {.model = model, .release = release, .standing = 2});
        return id;
    }
    void says(probe_id id, store::firmware_state what)
    {
        EXPECT_TRUE(wait(store::record_version_report(database_, id, now_, "report", std::move(what))));
    }
    void commits(probe_id id, std::uint64_t release = 2)
    {
        says(id, {.model = model, .release = release, .standing = 2});
    }
    void goes_back(probe_id id)
    {
        says(id, {.model = model, .release = 1, .standing = 2, .failed_release = 2, .cause = "ended"});
    }
    std::optional<store::kept_instruction> kept(probe_id id)
    {
        auto found = wait(store::newer_instructions(database_, {{id, {}}})).value();
        return found.empty() ? std::nullopt : std::optional(found.front());
    }
    std::optional<proto::instruction> told(probe_id id)
    {
        auto const found = kept(id);
        return found ? std::optional(proto::decode_instruction(found->octets).value()) : std::nullopt;
    }
    bool told_to_install(probe_id id) { return told(id) && told(id)->install; }

    repository::shelf officers_;
    stored_files files_{database_};
    wall_time now_ = repository::some_day;
    account_id second_ = *account_id::from(1);
    controller_id where_ = *controller_id::from(1);
    std::uint64_t seed_ = 0;
    std::unique_ptr<director> director_;
};

}  // namespace tp::registry
