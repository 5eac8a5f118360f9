#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "tests/unit/proto/samples.hpp"

/// What a broken, hostile or later peer may send to any of the decoders: an answer each time, and the same one twice.
namespace tp::proto {
namespace {

using namespace samples;

/// A decoder as the tests here see it: decodes, and returns what encoding the value again gives.
struct subject {
    std::string_view name;
    std::function<result<std::string>(std::string_view)> again;
    std::vector<std::string> seeds;
};

template <auto Decode>
result<std::string> encoded_again(std::string_view octets)
{
    auto const read = Decode(octets);
    if (!read) return read.error();
    return encode(*read);
}

std::vector<subject> subjects()
{
    return {
        {"to registry", encoded_again<decode_to_registry>, {encode(to_registry(some_registry_hello()))}},
        {"from registry",
         encoded_again<decode_from_registry>,
         {encode(from_registry(some_assignment())), encode(from_registry(wait{5s, "busy"})),
          encode(from_registry(refuse{refusal::revoked, "no", 5s}))}},
        {"to controller",
         encoded_again<decode_to_controller>,
         {encode(to_controller(some_controller_hello())), encode(to_controller(some_batch())),
          encode(to_controller(some_events())), encode(to_controller(keepalive{})), encode(to_controller(key_wish{})),
          encode(to_controller(
              key_change{ssh::public_key::parse(host_key).value(), std::string(64, 'o'), std::string(64, 'n')}))}},
        {"from controller",
         encoded_again<decode_from_controller>,
         {encode(from_controller(welcome{1, at(1), 20s})), encode(from_controller(wait{5s, "busy"})),
          encode(from_controller(job_page{true, true, {some_job()}})),
          encode(from_controller(job_change{{some_job()}, {*measurement_id::from(4)}})),
          encode(from_controller(acknowledge{{1, 2, 3}})),
          encode(from_controller(document_part{"anchors", true, false, "octets"})),
          encode(from_controller(key_nonce{std::string(32, 'n'), true})),
          encode(from_controller(key_answer{key_answer::verdict::refused, "known"}))}},
        {"job", encoded_again<decode_job>, {encode(some_job())}},
        {"report", encoded_again<decode_report>, {encode(some_report())}},
    };
}

void expect_sound(subject const& one, std::string_view octets)
{
    auto const first = one.again(octets);
    if (!first) return;
    auto const second = one.again(*first);
    ASSERT_TRUE(second) << second.error().message();
    EXPECT_EQ(*first, *second);
}

TEST(every_decoder, gives_what_it_was_given)
{
    for (auto const& one : subjects())
        for (auto const& seed : one.seeds) EXPECT_EQ(one.again(seed).value(), seed) << one.name;
}

TEST(every_decoder, survives_a_message_cut_anywhere)
{
    for (auto const& one : subjects())
        for (auto const& seed : one.seeds)
            for (std::size_t length = 0; length < seed.size(); ++length)
                expect_sound(one, std::string_view(seed).substr(0, length));
}

TEST(every_decoder, survives_random_octets)
{
    std::mt19937 random(1);
    std::uniform_int_distribution<unsigned> octet(0, 255), length(0, 200);
    for (auto const& one : subjects()) {
        for (int round = 0; round < 2'000; ++round) {
            std::string octets(length(random), '\0');
            for (auto& each : octets) each = static_cast<char>(octet(random));
            expect_sound(one, octets);
        }
    }
}

TEST(every_decoder, survives_one_changed_octet)
{
    for (auto const& one : subjects()) {
        for (auto const& seed : one.seeds) {
            for (std::size_t i = 0; i < seed.size(); ++i) {
                for (int const value : {0, 1, 0x7f, 0x80, 0xff}) {
                    auto octets = seed;
                    octets[i] = static_cast<char>(value);
                    expect_sound(one, octets);
                }
            }
        }
    }
}

TEST(every_decoder, ignores_later_fields)
{
    for (auto const& one : subjects())
        for (auto const& seed : one.seeds) EXPECT_EQ(one.again(seed + later_fields()).value(), seed) << one.name;
}

TEST(every_decoder, ignores_later_fields_inside_the_body)
{
    auto const hello = wire<v1::ToController>(encode(to_controller(some_controller_hello()))).hello();
    auto const octets = octets_field(1, hello.SerializeAsString() + later_fields());
    EXPECT_EQ(encoded_again<decode_to_controller>(octets).value(), encode(to_controller(some_controller_hello())));
}

TEST(every_decoder, names_a_later_body)
{
    for (auto const& one : subjects()) {
        EXPECT_EQ(one.again(octets_field(60, "later")).error(), errc::unsupported) << one.name;
        EXPECT_EQ(one.again(later_fields()).error(), errc::unsupported) << one.name;
    }
}

TEST(every_decoder, refuses_an_empty_body)
{
    for (auto const& one : subjects()) EXPECT_EQ(one.again("").error(), errc::malformed) << one.name;
}

TEST(every_decoder, refuses_a_frame_that_is_too_large)
{
    for (auto const& one : subjects()) {
        auto const padding = octets_field(60, std::string(largest_frame, 'x'));
        EXPECT_EQ(one.again(one.seeds[0] + padding).error(), errc::too_large) << one.name;
    }
}

}  // namespace
}  // namespace tp::proto
