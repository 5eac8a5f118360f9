#include "proto/instruction.hpp"

#include <gtest/gtest.h>

#include "proto/codec.hpp"
#include "proto/messages.hpp"
#include "proto/trigpoint.pb.h"
#include "tests/unit/proto/samples.hpp"

namespace tp::proto {
namespace {

namespace v1 = ::trigpoint::v1;
using samples::at;

instruction some_instruction()
{
    return {.probe = probe_id::from(12).value(),
            .nonce = std::string(16, 'n'),
            .issued = at(5),
            .expires = at(500),
            .rollout = 4,
            .install = instruction::wanted{.how = instruction::mode::lazy,
                                           .model = "sw-x86_64",
                                           .target = "sw-x86_64/stable/probe-17",
                                           .length = 5'000'000,
                                           .sha256 = std::string(32, 'h'),
                                           .release = 17,
                                           .not_before = at(6),
                                           .deadline = at(100)}};
}

TEST(instruction, is_read_as_it_was_written)
{
    auto whole = some_instruction();
    EXPECT_EQ(decode_instruction(encode(whole)).value(), whole);
    whole.install->how = instruction::mode::forced;
    EXPECT_EQ(decode_instruction(encode(whole)).value(), whole);
    whole.install.reset();
    EXPECT_EQ(decode_instruction(encode(whole)).value(), whole);
}

TEST(instruction, says_what_is_possible)
{
    auto const refused = [](auto change) {
        v1::Instruction wire;
        EXPECT_TRUE(wire.ParseFromString(encode(some_instruction())));
        change(wire);
        return !decode_instruction(wire.SerializeAsString());
    };
    EXPECT_FALSE(refused([](auto&) {}));
    EXPECT_TRUE(refused([](auto& m) { m.set_probe(0); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_nonce("short"); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_mode(0); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_mode(4); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_rollout(0); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_model(""); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_target(""); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_target(std::string(257, 't')); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_length(0); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_release(0); }));
    EXPECT_TRUE(refused([](auto& m) { m.set_sha256("short"); }));
    EXPECT_FALSE(decode_instruction(""));
    EXPECT_EQ(decode_instruction(std::string(5'000, '\0')).error(), errc::too_large);
}

TEST(instruction, is_signed_as_nothing_else)
{
    EXPECT_EQ(signed_octets_of_instruction("abc"), "trigpoint instruction 1\nabc");
}

TEST(instruction, travels_with_key_and_signature)
{
    signed_instruction const sent{encode(some_instruction()), std::string(32, 'k'), std::string(64, 's')};
    auto const read = decode_from_controller(encode(from_controller(sent)));
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<signed_instruction>(*read), sent);
    auto const refused = [&](auto change) {
        auto wrong = sent;
        change(wrong);
        return !decode_from_controller(encode(from_controller(wrong)));
    };
    EXPECT_TRUE(refused([](auto& s) { s.key.pop_back(); }));
    EXPECT_TRUE(refused([](auto& s) { s.signature += "s"; }));
    EXPECT_TRUE(refused([](auto& s) { s.instruction = std::string(signed_instruction::largest + 1, 'i'); }));
}

TEST(file_request, is_read_as_it_was_written_and_bounded)
{
    file_request const sent{7, "metadata/timestamp.json", 60'000, 4'000};
    EXPECT_EQ(std::get<file_request>(decode_to_controller(encode(to_controller(sent))).value()), sent);
    auto const refused = [&](auto change) {
        auto wrong = sent;
        change(wrong);
        return !decode_to_controller(encode(to_controller(wrong)));
    };
    EXPECT_TRUE(refused([](auto& f) { f.most = 0; }));
    EXPECT_TRUE(refused([](auto& f) { f.most = file_request::largest + 1; }));
    EXPECT_TRUE(refused([](auto& f) { f.path = std::string(file_request::longest_path + 1, 'p'); }));
    EXPECT_TRUE(refused([](auto& f) { f.path = "\xff"; }));
}

TEST(file_part, is_read_as_it_was_written_and_bounded)
{
    for (auto const status : {file_status::here, file_status::absent, file_status::unavailable}) {
        file_part const sent{7, status, 100'000, std::string(file_request::largest, 'o')};
        EXPECT_EQ(std::get<file_part>(decode_from_controller(encode(from_controller(sent))).value()), sent);
    }
    file_part const longer{7, file_status::here, 100'000, std::string(file_request::largest + 1, 'o')};
    EXPECT_FALSE(decode_from_controller(encode(from_controller(longer))));
}

TEST(file_part, of_an_unknown_status_says_that_nobody_knows)
{
    v1::FromController wire;
    wire.mutable_file_part()->set_status(static_cast<v1::FileStatus>(77));
    auto const read = decode_from_controller(wire.SerializeAsString());
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<file_part>(*read).status, file_status::unavailable);
}

}  // namespace
}  // namespace tp::proto
