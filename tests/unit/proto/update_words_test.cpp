#include "proto/update_words.hpp"

#include <gtest/gtest.h>

#include "proto/version_report.hpp"

namespace tp::proto {
namespace {

TEST(update_words, are_those_of_object_5)
{
    struct row {
        update_state is;
        std::uint32_t number;
        std::string_view name;
    };
    for (auto const& [is, number, name] :
         {row{update_state::idle, 0, "Idle"}, row{update_state::downloading, 1, "Downloading"},
          row{update_state::downloaded, 2, "Downloaded"}, row{update_state::updating, 3, "Updating"}}) {
        EXPECT_EQ(static_cast<std::uint32_t>(is), number);
        EXPECT_EQ(name_of(is), name);
        EXPECT_EQ(name_of_state(number), name);
    }
    EXPECT_EQ(name_of_state(4), "unknown");
}

TEST(update_words, of_results_are_those_of_object_5)
{
    using enum update_result;
    struct row {
        update_result is;
        std::uint32_t number;
        std::string_view name;
    };
    for (auto const& [is, number, name] :
         {row{initial, 0, "Initial value"}, row{succeeded, 1, "Firmware updated successfully"},
          row{not_enough_storage, 2, "Not enough flash memory"}, row{out_of_memory, 3, "Out of RAM"},
          row{connection_lost, 4, "Connection lost"}, row{integrity_failed, 5, "Integrity check failure"},
          row{unsupported_package, 6, "Unsupported package type"}, row{invalid_uri, 7, "Invalid URI"},
          row{failed, 8, "Firmware update failed"}, row{unsupported_protocol, 9, "Unsupported protocol"}}) {
        EXPECT_EQ(static_cast<std::uint32_t>(is), number);
        EXPECT_EQ(name_of(is), name);
        EXPECT_EQ(name_of_result(number), name);
    }
    EXPECT_EQ(name_of_result(10), "unknown");
    EXPECT_EQ(name_of_result(UINT32_MAX), "unknown");
}

TEST(update_words, name_why_a_program_was_started)
{
    using enum boot_reason;
    struct row {
        boot_reason is;
        int number;
        std::string_view name;
    };
    for (auto const& [is, number, name] :
         {row{not_told, 0, "not told"}, row{first_try, 1, "first start of a trial"},
          row{further_try, 2, "a further start of a trial"}, row{committed, 3, "committed"},
          row{stepped_in, 4, "a later release failed here"},
          row{last_resort, 5, "it failed, and there is nothing else"}}) {
        EXPECT_EQ(static_cast<int>(is), number);
        EXPECT_EQ(name_of(is), name);
    }
    EXPECT_EQ(name_of(static_cast<boot_reason>(version_report::highest_boot_reason + 1)), "unknown");
}

TEST(update_words, name_signs_of_an_attack)
{
    EXPECT_EQ(name_of(attack_sign::not_told), "not told");
    EXPECT_EQ(name_of(attack_sign::none), "no sign of an attack");
    EXPECT_EQ(name_of(attack_sign::seen), "looks like an attack");
    EXPECT_EQ(name_of(static_cast<attack_sign>(version_report::highest_attack + 1)), "unknown");
}

}  // namespace
}  // namespace tp::proto
