#include "firmware-signing/tuf/key.hpp"

#include <gtest/gtest.h>

#include "firmware-signing/tuf/refusal.hpp"
#include "tests/unit/tuf/test_key.hpp"

namespace tp::tuf {
namespace {

using test::js;
using test::test_key;

result<public_key> read(js const& listed)
{
    auto const document = json::document::read(test::written(listed));
    return public_key::read(document->root());
}

/// Takes hexadecimal digits, as tests have signatures.
bool verifies(public_key const& key, std::string const& octets, std::string const& digits)
{
    std::string signature;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        signature += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return key.verifies(octets, signature);
}

class TufKey : public testing::TestWithParam<test_key (*)()> {};

TEST_P(TufKey, VerifiesWhatItSignedAndNothingElse)
{
    auto const signer = GetParam()(), stranger = GetParam()();
    auto const key = read(signer.listed()).value();
    ASSERT_TRUE(key.usable());
    EXPECT_EQ(key.id(), signer.id());
    auto const signature = signer.sign("text");
    EXPECT_TRUE(verifies(key, "text", signature));
    EXPECT_FALSE(verifies(key, "Text", signature));
    EXPECT_FALSE(verifies(key, "", signature));
    EXPECT_FALSE(verifies(key, "text", stranger.sign("text")));
    EXPECT_FALSE(verifies(key, "text", ""));
    EXPECT_FALSE(verifies(key, "text", signature.substr(2)));
    EXPECT_FALSE(verifies(key, "text", signature + "00"));
    auto bent = signature;
    bent[20] = bent[20] == '0' ? '1' : '0';
    EXPECT_FALSE(verifies(key, "text", bent));
}

TEST_P(TufKey, IsTheSameKeyUnderAnotherId)
{
    auto signer = GetParam()();
    auto const plain = read(signer.listed()).value();
    signer.more["owner"] = "somebody";
    auto const adorned = read(signer.listed()).value();
    EXPECT_NE(plain.id(), adorned.id());
    EXPECT_EQ(adorned.id(), signer.id());
    EXPECT_TRUE(plain.same_as(adorned));
    EXPECT_FALSE(plain.same_as(read(GetParam()().listed()).value()));
}

INSTANTIATE_TEST_SUITE_P(Kinds, TufKey,
                         testing::Values([] { return test_key::ed25519(); }, [] { return test_key::ecdsa(); },
                                         [] { return test_key::rsa(); }));

TEST(TufKeys, TheSpecificationsNameForEcdsaKeysIsKnownToo)
{
    auto signer = test_key::ecdsa();
    signer.type = "ecdsa-sha2-nistp256";
    EXPECT_TRUE(verifies(read(signer.listed()).value(), "text", signer.sign("text")));
}

TEST(TufKeys, AKeyThatIsTooWeakOrOfAnotherKindVerifiesNothing)
{
    auto const short_rsa = test_key::rsa(2047);
    EXPECT_FALSE(read(short_rsa.listed())->usable());
    EXPECT_FALSE(verifies(read(short_rsa.listed()).value(), "text", short_rsa.sign("text")));
    auto const other_curve = test_key::ecdsa("P-384");
    EXPECT_FALSE(read(other_curve.listed())->usable());

    auto unknown = test_key::ed25519();
    unknown.scheme = "ed448";
    EXPECT_FALSE(read(unknown.listed())->usable());
    unknown.scheme = "ed25519";
    unknown.type = "rsa";
    EXPECT_FALSE(read(unknown.listed())->usable());

    auto mixed = test_key::rsa();
    mixed.type = "ecdsa";
    mixed.scheme = "ecdsa-sha2-nistp256";
    EXPECT_FALSE(read(mixed.listed())->usable()) << "an RSA key does not sign as ECDSA";
    EXPECT_FALSE(read(mixed.listed())->same_as(read(mixed.listed()).value())) << "nor does it count as anybody";
}

TEST(TufKeys, OctetsThatAreNoKeyVerifyNothing)
{
    for (js const& octets :
         {js(""), js("00"), js(std::string(63, '0')), js(std::string(66, '0')), js(std::string(64, 'A')),
          js("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"), js(7)}) {
        for (auto const& [type, scheme] :
             {std::pair{"ed25519", "ed25519"}, {"ecdsa", "ecdsa-sha2-nistp256"}, {"rsa", "rsassa-pss-sha256"}}) {
            js listed;
            listed["keytype"] = type;
            listed["scheme"] = scheme;
            listed["keyval"]["public"] = octets;
            ASSERT_TRUE(read(listed));
            EXPECT_FALSE(read(listed)->usable());
            EXPECT_FALSE(read(listed)->verifies("text", ""));
        }
    }
}

TEST(TufKeys, RsaKeysHaveALengthFromAndTo)
{
    js listed;
    listed["keytype"] = "rsa";
    listed["scheme"] = "rsassa-pss-sha256";
    for (auto const& [bits, expected] : {std::pair{public_key::shortest_rsa - 1, false},
                                         {public_key::shortest_rsa, true},
                                         {public_key::longest_rsa, true},
                                         {public_key::longest_rsa + 1, false}}) {
        listed["keyval"]["public"] = test::rsa_pem(bits);
        EXPECT_EQ(read(listed)->usable(), expected) << bits;
    }
}

TEST(TufKeys, APemHasALimit)
{
    js listed = test_key::ecdsa().listed();
    auto pem = std::get<std::string>(listed["keyval"]["public"].held);
    pem.resize(public_key::longest_pem, '\n');
    listed["keyval"]["public"] = pem;
    EXPECT_TRUE(read(listed)->usable());
    listed["keyval"]["public"] = pem + '\n';
    EXPECT_FALSE(read(listed)->usable());
}

TEST(TufKeys, AnEncryptedPemAsksNobodyForAPassPhrase)
{
    js listed = test_key::ecdsa().listed();
    auto pem = std::get<std::string>(listed["keyval"]["public"].held);
    auto const line = pem.find('\n') + 1;
    listed["keyval"]["public"] =
        pem.insert(line, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n");
    EXPECT_FALSE(read(listed)->usable());
}

TEST(TufKeys, WhatEveryKeyHasMustBeThere)
{
    for (auto const* const name : {"keytype", "scheme", "keyval"}) {
        SCOPED_TRACE(name);
        js listed = test_key::ed25519().listed();
        listed[name] = 1;
        EXPECT_EQ(read(listed).error(), refusal::malformed);
        listed.erase(name);
        EXPECT_EQ(read(listed).error(), refusal::malformed);
    }
    EXPECT_EQ(read(js("key")).error(), refusal::malformed);
}

result<key_list> read_list(js const& listed)
{
    auto const document = json::document::read(test::written(listed));
    return read_keys(document->root());
}

TEST(TufKeys, AListIsReadByIdsAndEachIdIsThatOfItsKey)
{
    auto const one = test_key::ed25519(), other = test_key::ecdsa();
    js list;
    list[one.id()] = one.listed();
    list[other.id()] = other.listed();
    auto const keys = read_list(list);
    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->size(), 2U);
    EXPECT_TRUE(keys->contains(one.id()));

    list[one.id()] = other.listed();
    EXPECT_EQ(read_list(list).error(), refusal::wrong_key_id);
    js upper;
    auto id = one.id();
    for (char& c : id) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    upper[id] = one.listed();
    EXPECT_EQ(read_list(upper).error(), refusal::wrong_key_id);
    EXPECT_EQ(read_list(js(js::array())).error(), refusal::malformed);
}

TEST(TufKeys, AListHasALimit)
{
    js list = js(js::object());
    for (std::size_t i = 0; i < most_keys; ++i) {
        js key;
        key["keytype"] = key["scheme"] = "none";
        key["keyval"]["public"] = std::to_string(i);
        list[test::sha256(canonical(key))] = key;
    }
    EXPECT_EQ(read_list(list)->size(), most_keys);
    list["one more"] = js();
    EXPECT_EQ(read_list(list).error(), refusal::too_large);
}

}  // namespace
}  // namespace tp::tuf
