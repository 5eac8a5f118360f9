#include "controller/instructions.hpp"

#include "proto/codec.hpp"

namespace tp::controller {

std::optional<std::string> frame_of(store::kept_instruction const& from)
{
    using proto::signed_instruction;
    if (from.octets.empty() || from.octets.size() > signed_instruction::largest) return std::nullopt;
    if (from.key.size() != signed_instruction::key_length) return std::nullopt;
    if (from.signature.size() != signed_instruction::signature_length) return std::nullopt;
    proto::from_controller const message = signed_instruction{from.octets, from.key, from.signature};
    return proto::encode(message);
}

}  // namespace tp::controller
