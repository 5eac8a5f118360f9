#include "firmware-signing/tool/copies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware-signing/envelope.hpp"
#include "firmware-signing/signer.hpp"
#include "tests/unit/firmware_signing/samples.hpp"

namespace tp::signing::tool {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class copies_test : public testing::Test {
protected:
    copies_test()
    {
        for (int i = 0; i < 3; ++i) keys_.push_back(private_key::held(private_key::make().value()));
    }

    /// The document, signed by these of our keys.
    std::string copy(std::initializer_list<std::size_t> by) const
    {
        auto const octets = octets_to_sign(says_).value();
        std::vector<signature> signatures;
        for (auto const each : by) signatures.push_back({keys_[each].shared.id(), keys_[each].sign(octets).value()});
        return seal(octets, std::move(signatures));
    }

    static std::string merged(std::vector<std::string> const& copies)
    {
        std::vector<document_copy> named;
        for (auto const& each : copies) named.push_back({"file " + std::to_string(named.size() + 1), each});
        auto made = merge_copies(named);
        EXPECT_EQ(made.octets.empty(), made.complaint.has_value());
        return made.complaint.value_or(made.octets);
    }

    std::string added(std::string const& to, std::size_t first, std::size_t count) const
    {
        auto made = add_signatures({"file", to}, std::span(keys_).subspan(first, count));
        EXPECT_EQ(made.octets.empty(), made.complaint.has_value());
        return made.complaint.value_or(made.octets);
    }

    statement says_{"anchors", 7, from_unix_seconds(1'800'000'000), "content"};
    std::vector<held_key> keys_;
};

TEST_F(copies_test, of_one_document_become_one_with_all_signatures)
{
    EXPECT_EQ(merged({copy({0}), copy({1})}), copy({0, 1}));
    EXPECT_EQ(merged({copy({1}), copy({}), copy({0, 1}), copy({2})}), copy({0, 1, 2}));
    EXPECT_EQ(merged({copy({})}), copy({}));
    EXPECT_EQ(merged({copy({0}), copy({0})}), copy({0}));
}

TEST_F(copies_test, of_different_documents_are_not_merged)
{
    auto const seven = copy({0});
    says_.version = 8;
    EXPECT_EQ(merged({seven, copy({1})}), "file 1 and file 2 are not the same document");
    EXPECT_THAT(merged({seven, seven + "x"}), HasSubstr("file 2: no signed document"));
    EXPECT_THAT(merged({"", seven}), HasSubstr("file 1: no signed document"));
}

TEST_F(copies_test, with_two_signatures_of_a_key_are_not_merged)
{
    auto const octets = octets_to_sign(says_).value();
    auto const wrong = seal(octets, {{keys_[0].shared.id(), std::string(64, 'x')}});
    auto const complaint = "file 2 and a file before it hold different signatures of key " + keys_[0].shared.id();
    EXPECT_EQ(merged({copy({0}), wrong}), complaint);
    EXPECT_EQ(merged({wrong, copy({0})}), complaint);
    EXPECT_EQ(added(wrong, 0, 1), "file: holds a wrong signature in the name of key " + keys_[0].shared.id());
}

TEST_F(copies_test, are_signed_by_one_officer_after_another)
{
    auto const by_one = added(copy({}), 0, 1);
    EXPECT_EQ(by_one, copy({0}));
    EXPECT_EQ(added(by_one, 1, 2), copy({0, 1, 2}));
    EXPECT_EQ(added(by_one, 0, 2), "file: key " + keys_[0].shared.id() + " has signed it already");
    EXPECT_THAT(added("nonsense", 0, 1), HasSubstr("file: no signed document"));
}

TEST_F(copies_test, have_room_for_so_many_signatures)
{
    keys_.clear();
    for (std::size_t i = 0; i <= most_signatures; ++i) keys_.push_back(private_key::held(private_key::make().value()));
    auto const full = added(copy({}), 0, most_signatures);
    EXPECT_EQ(read_envelope(full).value().signatures.size(), most_signatures);
    EXPECT_EQ(added(full, most_signatures, 1), "a document has room for 16 signatures");
    EXPECT_EQ(merged({full, copy({most_signatures})}), "a document has room for 16 signatures");
}

}  // namespace
}  // namespace tp::signing::tool
