#include "probe/firmware/slots_text.hpp"

namespace tp::firmware {
namespace {

std::string slot_text(slot_record const& held)
{
    switch (held.is) {
        case standing::empty:
            return "empty";
        case standing::ready:
            return "release " + std::to_string(held.release) +
                   (held.tries == 0 ? ", to be tried at the next start"
                                    : ", on trial, started " + std::to_string(held.tries) + " times");
        case standing::committed:
            return "release " + std::to_string(held.release) + ", committed";
        case standing::failed:
            return "release " + std::to_string(held.release) + ", failed";
    }
    return "";
}

}  // namespace

std::string slots_text(known_slots const& known)
{
    std::string out;
    for (auto const which : both_slots) {
        out += std::string("slot ") + letter_of(which) + ": " + slot_text(known.state.of(which));
        out += known.pointer == which ? " <- active\n" : "\n";
    }
    out += "lowest release that may run: " + std::to_string(known.state.floor) + '\n';
    out += "highest release that was committed: " + std::to_string(known.state.highest) + '\n';
    auto const& last = known.state.last_failure;
    if (last)
        out += "last failure: release " + std::to_string(last->release) + ": " + std::string(meaning_of(last->why)) +
               " (" + std::string(name_of(last->why)) +
               "), in LwM2M's words: " + std::string(name_of(result_of(last->why))) + '\n';
    if (!known.settled) out += "the two copies of the state differ or are damaged\n";
    return out;
}

}  // namespace tp::firmware
