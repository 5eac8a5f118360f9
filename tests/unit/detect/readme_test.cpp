#include <gmock/gmock.h>

#include "base/files.hpp"
#include "registry/detect/finding.hpp"

namespace tp::registry::detect {
namespace {

TEST(detect_readme, has_a_row_for_every_rule)
{
    auto const text = read_file(TP_SOURCE_DIR "/registry/detect/README.md", 100'000);
    ASSERT_TRUE(text);
    for (std::size_t i = 0; i < rule_count; ++i) {
        EXPECT_THAT(*text, testing::HasSubstr("| `" + std::string(name(static_cast<rule>(i))) + "` |"));
    }
}

}  // namespace
}  // namespace tp::registry::detect
