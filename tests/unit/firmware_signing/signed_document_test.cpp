#include "firmware-signing/signed_document.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "firmware-signing/lines.hpp"
#include "firmware-signing/refusal.hpp"
#include "tests/unit/firmware_signing/samples.hpp"

namespace tp::signing {
namespace {

using namespace std::chrono_literals;

class signed_document_test : public testing::Test {
protected:
    wall_time const now_ = from_unix_seconds(1'800'000'000);
    private_key const first_ = private_key::make().value(), second_ = private_key::make().value(),
                      stranger_ = private_key::make().value();
    trusted_keys const both_ = trusted_keys::from({first_.shared(), second_.shared()}, 2).value();
    trusted_keys const one_ = trusted_keys::from({first_.shared(), second_.shared()}, 1).value();
    statement const says_{"anchors", 7, now_ + 1h, "a list\nof two lines"};
    wanted const asked_{"anchors", now_, 7};

    error_code why(std::string const& octets, trusted_keys const& keys) const
    {
        auto const found = verify(octets, keys, asked_);
        return found ? error_code() : found.error();
    }

    static std::string with(std::string text, std::string_view old, std::string_view fresh)
    {
        auto const at = text.find(old);
        EXPECT_NE(at, text.npos) << old;
        return text.replace(at, old.size(), fresh);
    }
};

TEST_F(signed_document_test, a_document_of_enough_trusted_keys_is_believed)
{
    auto const found = verify(sealed(says_, {&first_, &second_}), both_, asked_);
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->content, says_.content);
    EXPECT_EQ(found->version, 7U);
    EXPECT_EQ(found->expires, says_.expires);
    EXPECT_TRUE(verify(sealed(says_, {&stranger_, &first_}), one_, asked_)) << "strangers do no harm";
}

TEST_F(signed_document_test, signatures_count_once_each_and_only_those_of_trusted_keys)
{
    EXPECT_EQ(why(sealed(says_, {}), one_), refusal::too_few_signatures);
    EXPECT_EQ(why(sealed(says_, {&first_}), both_), refusal::too_few_signatures);
    EXPECT_EQ(why(sealed(says_, {&first_, &stranger_}), both_), refusal::too_few_signatures);
    EXPECT_EQ(why(sealed(says_, {&first_, &first_}), both_), refusal::malformed);
    EXPECT_EQ(why(sealed(says_, {&first_, &second_}), trusted_keys()), refusal::too_few_signatures);
    EXPECT_EQ(why(sealed(says_, {}), trusted_keys()), refusal::too_few_signatures);
}

TEST_F(signed_document_test, every_octet_is_signed)
{
    auto const good = sealed(says_, {&first_, &second_});
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto forged = good;
            forged[at] = static_cast<char>(static_cast<unsigned char>(forged[at]) ^ (1U << bit));
            ASSERT_FALSE(verify(forged, both_, asked_)) << "octet " << at << ", bit " << bit;
        }
    }
    for (std::size_t length = 0; length < good.size(); ++length)
        ASSERT_FALSE(verify(good.substr(0, length), both_, asked_)) << length;
}

TEST_F(signed_document_test, a_forgery_is_refused_for_what_it_is)
{
    auto const good = sealed(says_, {&first_});
    auto const signed_part = octets_to_sign(says_).value();
    auto const own = first_.sign(signed_part).value(), other = stranger_.sign(signed_part).value();
    auto const own_line = "signature " + own.key_id + ' ' + to_hex(own.octets) + '\n';
    struct row {
        char const* what;
        std::string octets;
        error_code expected;
    };
    for (auto const& [what, octets, expected] : {
             row{"another content", with(good, "two", "ten"), refusal::bad_signature},
             row{"another version", with(good, "version 7", "version 8"), refusal::bad_signature},
             row{"another expiry", with(good, "expires 1", "expires 2"), refusal::bad_signature},
             row{"another name", with(good, "name anchors", "name ancbors"), refusal::bad_signature},
             row{"a trusted key's id on a stranger's signature", seal(signed_part, {{own.key_id, other.octets}}),
                 refusal::bad_signature},
             row{"the signature of another document", seal(signed_part, {first_.sign(signed_part + "x").value()}),
                 refusal::bad_signature},
             row{"the content alone signed", seal(signed_part, {first_.sign(says_.content).value()}),
                 refusal::bad_signature},
             row{"a signature of zeros", seal(signed_part, {{own.key_id, std::string(64, '\0')}}),
                 refusal::bad_signature},
             row{"an order of the group added to the signature",
                 seal(signed_part, {{own.key_id, std::string(own.octets).replace(63, 1, "\xff")}}),
                 refusal::bad_signature},
             row{"only a stranger", seal(signed_part, {other}), refusal::too_few_signatures},
             row{"the same signature twice", signed_part + own_line + own_line, refusal::malformed},
             row{"something behind", good + "x", refusal::malformed},
             row{"an empty line behind", good + "\n", refusal::malformed},
             row{"something before", "\n" + good, refusal::malformed},
             row{"a shorter length", with(good, "octets 19", "octets 18"), refusal::malformed},
             row{"a longer length", with(good, "octets 19", "octets 20"), refusal::malformed},
             row{"a length beyond the end", with(good, "octets 19", "octets 99999"), refusal::malformed},
             row{"a length beyond all", with(good, "octets 19", "octets 999999999"), refusal::malformed},
             row{"a length beyond the limit", with(good, "octets 19", "octets 524289"), refusal::too_large},
             row{"a number spelled otherwise", with(good, "version 7", "version 07"), refusal::malformed},
             row{"a signed number", with(good, "version 7", "version +7"), refusal::malformed},
             row{"version 0", with(good, "version 7", "version 0"), refusal::malformed},
             row{"a version beyond 2^63", with(good, "version 7", "version 9223372036854775808"), refusal::malformed},
             row{"a field twice", with(good, "version 7\n", "version 7\nversion 7\n"), refusal::malformed},
             row{"an unknown field", with(good, "version 7\n", "version 7\nnote x\n"), refusal::malformed},
             row{"a missing field", with(good, "version 7\n", ""), refusal::malformed},
             row{"fields in another order", with(good, "name anchors\nversion 7\n", "version 7\nname anchors\n"),
                 refusal::malformed},
             row{"line ends of another system", with(good, "version 7\n", "version 7\r\n"), refusal::malformed},
             row{"a format of tomorrow", with(good, "format 1", "format 2"), refusal::malformed},
             row{"another signed thing", "SSH-2.0-trigpoint\n", refusal::malformed},
             row{"capital digits", with(good, own_line, "signature " + own.key_id + ' ' + std::string(128, 'A') + '\n'),
                 refusal::malformed},
             row{"nothing", "", refusal::malformed},
             row{"too much", std::string(largest_document + 1, 'x'), refusal::too_large},
         }) {
        SCOPED_TRACE(what);
        EXPECT_EQ(why(octets, one_), expected);
    }
}

TEST_F(signed_document_test, an_authentic_document_may_still_be_the_wrong_one)
{
    auto changed = [&](std::function<void(statement&)> const& change) {
        auto says = says_;
        change(says);
        return why(sealed(says, {&first_}), one_);
    };
    EXPECT_EQ(changed([](auto& says) { says.name = "firmware"; }), refusal::other_name);
    EXPECT_EQ(changed([](auto& says) { says.version = 6; }), refusal::older_than_known);
    EXPECT_EQ(changed([](auto& says) { says.version = 8; }), error_code());
    EXPECT_EQ(changed([&](auto& says) { says.expires = now_; }), refusal::expired);
    EXPECT_EQ(changed([&](auto& says) { says.expires = now_ + 1s; }), error_code());
    EXPECT_EQ(changed([](auto& says) { says.version = highest_version; }), error_code());
    EXPECT_EQ(changed([](auto& says) { says.content = ""; }), error_code());
}

TEST_F(signed_document_test, what_a_stranger_says_is_not_judged)
{
    auto says = says_;
    says.name = "firmware";
    says.version = 1;
    says.expires = now_ - 1h;
    EXPECT_EQ(why(sealed(says, {&stranger_}), one_), refusal::too_few_signatures);
}

TEST_F(signed_document_test, content_may_be_as_large_as_the_limit_and_look_like_anything)
{
    auto says = says_;
    std::string const large(largest_content, '\n'), tricky = "signature a b\n\noctets 1\n";
    says.content = large;
    EXPECT_EQ(verify(sealed(says, {&first_}), one_, asked_).value().content.size(), large.size());
    says.content = tricky;
    EXPECT_EQ(verify(sealed(says, {&first_}), one_, asked_).value().content, tricky);
    std::string const larger(largest_content + 1, 'x');
    says.content = larger;
    EXPECT_EQ(octets_to_sign(says).error(), refusal::too_large);
}

TEST_F(signed_document_test, trust_needs_keys_and_a_threshold_that_they_can_reach)
{
    auto const key = first_.shared();
    EXPECT_EQ(trusted_keys::from({}, 1).error(), errc::out_of_range);
    EXPECT_EQ(trusted_keys::from({key}, 0).error(), errc::out_of_range);
    EXPECT_EQ(trusted_keys::from({key}, 2).error(), errc::out_of_range);
    EXPECT_EQ(trusted_keys::from({key, key}, 1).error(), errc::conflict);
    EXPECT_TRUE(trusted_keys::from({key}, 1));
}

}  // namespace
}  // namespace tp::signing
