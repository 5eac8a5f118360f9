#include "firmware-signing/control/director_keys.hpp"

#include <gtest/gtest.h>

#include "firmware-signing/refusal.hpp"

namespace tp::control {
namespace {

using signing::refusal;

std::string line(char digit)
{
    return "key ed25519:" + std::string(64, digit) + '\n';
}

TEST(director_keys, are_read_in_their_order)
{
    auto const keys = read_director_keys(line('1') + line('a')).value();
    ASSERT_EQ(keys.size(), 2);
    EXPECT_EQ("key " + keys[0].text() + '\n', line('1'));
    EXPECT_EQ("key " + keys[1].text() + '\n', line('a'));
}

TEST(director_keys, have_one_spelling_and_repeat_nothing)
{
    for (auto const& wrong : {
             std::string(),
             std::string("\n"),
             line('a').substr(0, line('a').size() - 1),
             line('a') + "\n",
             line('A'),
             line('a') + line('1'),
             line('a') + line('a'),
             " " + line('a'),
             "key  " + line('a').substr(4),
             "key ed25519:" + std::string(63, 'a') + '\n',
             "key ed25519:" + std::string(65, 'a') + '\n',
             "key ecdsa:" + std::string(64, 'a') + '\n',
             line('a').substr(4),
             "# a key\n" + line('a'),
             line('a').substr(0, line('a').size() - 1) + " \n",
             line('a').substr(0, line('a').size() - 1) + "\r\n",
         }) {
        SCOPED_TRACE(wrong);
        EXPECT_EQ(read_director_keys(wrong).error(), refusal::malformed);
    }
}

TEST(director_keys, are_eight_at_most)
{
    std::string keys;
    for (char digit = '1'; digit <= '8'; ++digit) keys += line(digit);
    EXPECT_EQ(read_director_keys(keys).value().size(), most_director_keys);
    EXPECT_EQ(read_director_keys(keys + line('9')).error(), refusal::too_large);
}

}  // namespace
}  // namespace tp::control
