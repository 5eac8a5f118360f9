#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware-signing/trusted_keys.hpp"
#include "firmware-signing/tuf/metadata.hpp"
#include "probe/firmware/admission.hpp"
#include "proto/instruction.hpp"
#include "proto/messages.hpp"

/// Whether an instruction is to be believed, and whether what it names is what offline keys signed. Nothing here has
/// I/O.
namespace tp::update {

/// Why an instruction is not believed.
enum class doubt : std::uint8_t {
    none,
    unknown_key,      // the officers list no such key for the director
    wrong_signature,  // not of this key over these octets
    malformed,
    other_probe,
    expired,
    not_newer,  // issued no later than the one that was accepted last
    other_model,
};
/// For people.
std::string_view meaning_of(doubt why) noexcept;

/// For the log.
std::string described(proto::instruction const& what);

/// What is remembered of the instruction that was accepted last.
struct last_accepted {
    std::string key;  // the director's
    wall_time issued;
    std::string octets;  // of the instruction; empty: forgotten
    bool operator==(last_accepted const&) const = default;
};

/// What an instruction is held against.
struct rules {
    std::vector<signing::public_key> const& director;  // keys that the officers list
    probe_id probe;
    std::string_view model;
    wall_time now;  // of the update clock
    std::optional<last_accepted> const& last;
};

struct judgement {
    doubt why = doubt::none;
    bool known = false;                      // the very one that was accepted last
    std::optional<proto::instruction> says;  // unless it is not even readable
};
/// What was issued before counts only as long as the key that issued it is listed: so a stolen key, which may have
/// issued something in a far future, is got rid of by listing another one.
judgement judge(proto::signed_instruction const& what, rules const& by);

/// Whether signed metadata says the same of a target as the director.
struct agreement {
    firmware::cause why = firmware::cause::none;
    firmware::offer what;  // none: to be installed
};
agreement agree(proto::instruction::wanted const& wanted, tuf::target_file const& facts);

}  // namespace tp::update
