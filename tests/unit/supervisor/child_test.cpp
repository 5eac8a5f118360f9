// A program that cannot be run now, and one that never can.
#include "probe/supervisor/child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>

#include "base/files.hpp"
#include "base/owned_fd.hpp"
#include "tests/unit/base/temporary_folder.hpp"

namespace tp::supervisor {
namespace {

error_code number(int which)
{
    return {which, boost::system::system_category()};
}

owned_fd opened(std::filesystem::path const& file)
{
    return owned_fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
}

TEST(child, is_run_from_a_descriptor_and_has_an_exit_status)
{
    auto const program = opened("/bin/true");
    auto const child = run_program(program.get(), {"true"}, {"TRIGPOINT_SLOT=b-17"});
    ASSERT_TRUE(child);
    int status = -1;
    ASSERT_EQ(::waitpid(*child, &status, 0), *child);
    EXPECT_EQ(exit_status_of(status), 0);
}

TEST(child, of_what_is_no_program_never_comes_to_be)
{
    tp::test::temporary_folder const folder;
    ASSERT_TRUE(write_atomically(folder / "text", "no program", 0755));
    ASSERT_TRUE(write_atomically(folder / "not-to-be-run", "no program", 0644));
    for (auto const* const name : {"text", "not-to-be-run"}) {
        auto const program = opened(folder / name);
        auto const child = run_program(program.get(), {name}, {});
        ASSERT_FALSE(child) << name;
        EXPECT_TRUE(will_never_run(child.error())) << name << ": " << child.error().message();
    }
}

TEST(child, for_which_there_is_no_descriptor_left_may_come_to_be_later)
{
    auto const program = opened("/bin/true");
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit const few{static_cast<rlim_t>(program.get()) + 1, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    auto const child = run_program(program.get(), {"true"}, {});
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_FALSE(child);
    EXPECT_FALSE(will_never_run(child.error())) << child.error().message();
}

TEST(child, that_the_machine_cannot_take_just_now_is_not_the_programs_fault)
{
    for (int const each : {EAGAIN, ENOMEM, EIO, EMFILE, ENFILE, ETXTBSY, EINTR})
        EXPECT_FALSE(will_never_run(number(each))) << each;
    for (int const each : {ENOEXEC, EACCES, ENOENT, EPERM, ELIBBAD}) EXPECT_TRUE(will_never_run(number(each))) << each;
}

}  // namespace
}  // namespace tp::supervisor
