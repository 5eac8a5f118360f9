#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware-signing/signer.hpp"
#include "probe/firmware/real_disk.hpp"
#include "probe/firmware/slots_on_disk.hpp"
#include "proto/instruction.hpp"
#include "proto/messages.hpp"
#include "tests/unit/tuf/repository.hpp"

namespace tp::update::test {

inline constexpr char const* model = "m";
inline wall_time const now{tuf::test::now};
inline probe_id const us = probe_id::from(7).value();

/// What a release's program is.
std::string program_of(std::uint64_t release);

/// What officers say of a release.
struct release_facts {
    std::string of_model = model;
    std::uint64_t floor = 0, from = 0;
    std::vector<std::string> hardware;
};

/// A signed repository, its director, and a controller that hands both on: releases 16 and 17 of model "m" and 18 of
/// model "x"; what officers tell all probes.
class platform {
public:
    platform();

    /// Puts a program among the targets of its model; publish() makes it known.
    void add_release(std::uint64_t release, release_facts const& facts, std::string const& octets);
    void add_release(std::uint64_t release, release_facts const& facts = {})
    {
        add_release(release, facts, program_of(release));
    }
    void set_control(std::string const& name, std::string const& content);
    void publish() { repository.release({"control", "m.stable", "x.stable"}); }

    /// What the director wants, as it signs it. Each is issued a second later than the one before.
    proto::instruction wish(std::uint64_t release, proto::instruction::mode how = proto::instruction::mode::forced);
    proto::instruction halt();
    proto::signed_instruction signed_by(signing::private_key const& key, proto::instruction const& what) const;
    proto::signed_instruction order(proto::instruction const& what) const { return signed_by(director, what); }

    /// What a controller answers.
    proto::file_part answer(proto::file_request const& to) const;

    tuf::test::repository repository;
    signing::private_key director = signing::private_key::make().value();
    std::map<std::string, std::string> targets;  // by their names at the repository

private:
    proto::instruction next();
    unsigned issued_ = 0;
};

/// "key ed25519:..." of each.
std::string director_keys(std::vector<signing::private_key const*> const& keys);

/// Slots in a folder, with a release that is committed and runs from slot a.
class machine {
public:
    explicit machine(std::filesystem::path folder, std::uint64_t running = 16);

    firmware::slot_record const& slot(firmware::slot which);
    /// The octets of what lies in a slot.
    std::string program_in(firmware::slot which);

    firmware::real_disk disk;
    firmware::slots_on_disk slots;

private:
    firmware::slot_state state_;
};

}  // namespace tp::update::test
