// The small files: what is written is read again, and nothing else is taken for it.
#include <gtest/gtest.h>

#include <set>

#include "probe/firmware/cause.hpp"
#include "probe/firmware/checked_text.hpp"
#include "probe/firmware/manifest.hpp"
#include "probe/firmware/slot_state.hpp"
#include "probe/firmware/slots_text.hpp"
#include "tests/unit/slots/releases.hpp"

namespace tp::firmware::test {
namespace {

slot_state some_state()
{
    return {7,
            10,
            16,
            {slot_record{standing::committed, 16, 0}, slot_record{standing::ready, 17, 2}},
            failure{15, cause::ended}};
}

/// The octets of a file with some of its lines changed, and a check that holds.
std::string with(std::string octets, std::string_view old, std::string_view now)
{
    auto text = std::string(without_check(octets).value());
    auto const at = text.find(old);
    if (at == text.npos) throw std::logic_error("no such text");
    return with_check(text.replace(at, old.size(), now));
}

TEST(state_file, is_read_as_it_was_written)
{
    for (auto const& one : {slot_state(), some_state()}) {
        auto const read = slot_state::parse(one.text());
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, one);
        EXPECT_EQ(read->text(), one.text());
    }
}

TEST(state_file, that_lost_or_changed_an_octet_is_refused)
{
    auto const good = some_state().text();
    for (std::size_t i = 0; i < good.size(); ++i) {
        EXPECT_FALSE(slot_state::parse(good.substr(0, i))) << i;
        auto changed = good;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(slot_state::parse(changed)) << i;
    }
    EXPECT_FALSE(slot_state::parse(good + "\n"));
    EXPECT_FALSE(slot_state::parse(std::string(good.size(), '\0')));
}

TEST(state_file, has_one_spelling_and_numbers_within_limits)
{
    auto const good = some_state().text();
    EXPECT_TRUE(slot_state::parse(with(good, "floor 10", "floor 11")));
    struct row {
        std::string_view old, now;
    };
    for (auto const& [old, now] :
         {row{"slots 1", "slots 2"}, row{"floor 10", "floor 010"}, row{"floor 10", "floor -1"},
          row{"floor 10", "floor 1000000000001"}, row{"highest 16", "highest 16 "}, row{"highest 16\n", ""},
          row{"a committed", "a fine"}, row{"a committed 16 0", "a committed 0 0"}, row{"a committed 16", "a empty 16"},
          row{"a committed 16 0", "a empty 0 1"}, row{"17 2", "17 1001"}, row{"17 2", "17"}, row{"17 2", "17 2 3"},
          row{"15 ended", "15 tired"}, row{"15 ended", "0 ended"}, row{"15 ended", "15 none"},
          row{"b ready", "a ready"}, row{"15 ended\n", "15 ended\nmore 1\n"}}) {
        SCOPED_TRACE(now);
        EXPECT_FALSE(slot_state::parse(with(good, old, now)));
    }
}

TEST(manifest_file, is_read_as_it_was_written_and_not_otherwise)
{
    auto const one = offer_of(17, 16).content;
    auto const good = one.text();
    ASSERT_TRUE(manifest::parse(good));
    EXPECT_EQ(*manifest::parse(good), one);
    struct row {
        std::string_view old, now;
    };
    for (auto const& [old, now] :
         {row{"slot 1", "slot 2"}, row{"release 17", "release 0"}, row{"floor 16", "floor 18"},
          row{"model sw-x86_64", "model "}, row{"model sw-x86_64", "model sw x86"}, row{"target ", "target \x7f"},
          row{"length ", "length 1"}, row{"sha256 ", "sha256 A"}, row{"sha256 ", "sha512 "}, row{"floor 16\n", ""}}) {
        SCOPED_TRACE(now);
        auto const changed = manifest::parse(with(good, old, now));
        EXPECT_TRUE(!changed || (now == "length 1" && *changed != one));
    }
    EXPECT_FALSE(manifest::parse(with(good, "length 8", "length 9999999998")));
    EXPECT_FALSE(manifest::parse(with(good, "model sw-x86_64", "model " + std::string(257, 'm'))));
    EXPECT_TRUE(manifest::parse(with(good, "model sw-x86_64", "model " + std::string(256, 'm'))));
}

TEST(folder_name, says_slot_and_release)
{
    auto const read = parse_folder(folder_of(slot::b, 17));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->which, slot::b);
    EXPECT_EQ(read->release, 17u);
    for (auto const* const text :
         {"", "a", "a-", "a-0", "a-017", "c-17", "a-17.new", "a17", "/a-17", "a-17/", "../a-17"})
        EXPECT_FALSE(parse_folder(text)) << text;
}

TEST(checked_text, is_of_limited_size)
{
    std::string const line(99, 'x');
    std::string text;
    while (text.size() + 100 + 71 <= largest_text) text += line + '\n';
    EXPECT_TRUE(without_check(with_check(text)));
    EXPECT_FALSE(without_check(with_check(text + std::string(99, 'x') + '\n')));
}

TEST(cause_name, stands_for_one_cause)
{
    for (auto why = cause::none;; why = static_cast<cause>(static_cast<int>(why) + 1)) {
        EXPECT_EQ(cause_of(name_of(why)), why);
        EXPECT_FALSE(meaning_of(why).empty());
        if (why == cause::not_committed) break;
    }
    EXPECT_FALSE(cause_of("other"));
    EXPECT_EQ(result_of(cause::none), update_result::succeeded);
    EXPECT_EQ(result_of(cause::wrong_hash), update_result::integrity_failed);
    EXPECT_EQ(result_of(cause::no_space), update_result::not_enough_storage);
    EXPECT_EQ(result_of(cause::wrong_model), update_result::unsupported_package);
    EXPECT_EQ(result_of(cause::no_memory), update_result::out_of_memory);
    EXPECT_EQ(result_of(cause::other_protocol), update_result::unsupported_protocol);
    EXPECT_EQ(result_of(cause::ended), update_result::failed);
}

TEST(cause, of_some_kinds_looks_like_an_attack)
{
    std::set<cause> const attacks{cause::not_believed,     cause::expired,       cause::other_target,
                                  cause::older_than_known, cause::other_content, cause::below_floor,
                                  cause::wrong_length,     cause::wrong_hash};
    for (auto why = cause::none;; why = static_cast<cause>(static_cast<int>(why) + 1)) {
        EXPECT_EQ(looks_like_attack(why), attacks.count(why) == 1) << name_of(why);
        if (why == cause::not_committed) break;
    }
}

TEST(slots_text, gives_a_failure_in_our_words_and_those_of_lwm2m)
{
    known_slots known;
    known.state.slots = {slot_record{standing::committed, 16, 0}, slot_record{standing::failed, 17, 3}};
    known.state.last_failure = failure{17, cause::ended};
    known.pointer = slot::a;
    EXPECT_EQ(slots_text(known),
              "slot a: release 16, committed <- active\nslot b: release 17, failed\n"
              "lowest release that may run: 0\nhighest release that was committed: 0\n"
              "last failure: release 17: it ended before it was committed, at every try (ended), in LwM2M's words: "
              "Firmware update failed\n");
}

}  // namespace
}  // namespace tp::firmware::test
