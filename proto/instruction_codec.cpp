#include "proto/fields.hpp"
#include "proto/instruction.hpp"

namespace tp::proto {
namespace {

constexpr std::string_view context = "trigpoint instruction 1\n";
constexpr std::uint32_t halt = 3;  // beside the numbers of instruction::mode

void write(instruction::wanted const& from, v1::Instruction& to)
{
    to.set_mode(static_cast<std::uint32_t>(from.how));
    to.set_model(from.model);
    to.set_target(from.target);
    to.set_length(from.length);
    to.set_sha256(from.sha256);
    to.set_release(from.release);
    to.set_not_before_ns(to_wire(from.not_before));
    to.set_deadline_ns(to_wire(from.deadline));
}

instruction::wanted read_wanted(field_reader& in, v1::Instruction const& from)
{
    instruction::wanted out{.how = from.mode() == 2 ? instruction::mode::forced : instruction::mode::lazy,
                            .model = in.text(from.model(), longest_name),
                            .target = in.text(from.target(), instruction::longest_path),
                            .length = in.within<std::uint64_t>(from.length(), 1, UINT64_MAX),
                            .sha256 = in.octets(from.sha256(), instruction::hash_length),
                            .release = in.within<std::uint64_t>(from.release(), 1, UINT64_MAX),
                            .not_before = in.time(from.not_before_ns()),
                            .deadline = in.time(from.deadline_ns())};
    in.require(out.sha256.size() == instruction::hash_length && !out.model.empty() && !out.target.empty());
    return out;
}

}  // namespace

std::string encode(instruction const& from)
{
    v1::Instruction out;
    out.set_probe(from.probe.value());
    out.set_nonce(from.nonce);
    out.set_issued_ns(to_wire(from.issued));
    out.set_expires_ns(to_wire(from.expires));
    out.set_rollout(from.rollout);
    if (from.install)
        write(*from.install, out);
    else
        out.set_mode(halt);
    return out.SerializeAsString();
}

result<instruction> decode_instruction(std::string_view octets)
{
    auto const message = parse<v1::Instruction>(octets, signed_instruction::largest);
    if (!message) return message.error();
    field_reader in;
    instruction out{.probe = in.id<probe_id>(message->probe()),
                    .nonce = in.octets(message->nonce(), instruction::nonce_length),
                    .issued = in.time(message->issued_ns()),
                    .expires = in.time(message->expires_ns()),
                    .rollout = in.within<std::int32_t>(message->rollout(), 1, INT32_MAX),
                    .install = {}};
    in.require(out.nonce.size() == instruction::nonce_length);
    auto const mode = in.within<std::uint32_t>(message->mode(), 1, halt);
    if (mode != halt) out.install = read_wanted(in, *message);
    return in.finish(std::move(out));
}

std::string signed_octets_of_instruction(std::string_view encoded)
{
    return std::string(context).append(encoded);
}

}  // namespace tp::proto
