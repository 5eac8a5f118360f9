#include "probe/agent/privileges.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/owned_fd.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t largest_passwd = 1024 * 1024;  // octets

std::vector<std::string_view> fields_of(std::string_view line)
{
    std::vector<std::string_view> out;
    for (std::size_t begin = 0; begin <= line.size();) {
        auto const end = std::min(line.find(':', begin), line.size());
        out.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

bool read_id(std::string_view text, unsigned& out)
{
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

}  // namespace

result<user_ids> find_user(std::string_view name)
{
    auto const file = read_file("/etc/passwd", largest_passwd);
    if (!file) return file.error();
    std::string_view rest = *file;
    while (!rest.empty()) {
        auto const end = std::min(rest.find('\n'), rest.size());
        auto const fields = fields_of(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        user_ids out;
        if (fields.size() >= 4 && fields[0] == name && read_id(fields[2], out.user) && read_id(fields[3], out.group))
            return out;
    }
    return errc::not_found;
}

result<void> prepare_folder(std::filesystem::path const& folder, user_ids owner)
{
    bool const made = ::mkdir(folder.c_str(), 0700) == 0;
    if (!made && errno != EEXIST) return last_error();
    struct stat status {};
    if (::lstat(folder.c_str(), &status) != 0) return last_error();
    if (!S_ISDIR(status.st_mode)) return errc::conflict;
    if (::geteuid() == 0 && status.st_uid != owner.user && ::lchown(folder.c_str(), owner.user, owner.group) != 0)
        return last_error();
    return {};
}

result<void> become(user_ids who)
{
    if (::setgroups(0, nullptr) != 0 || ::setresgid(who.group, who.group, who.group) != 0 ||
        ::setresuid(who.user, who.user, who.user) != 0)
        return last_error();
    return {};
}

void empty_bounding_set() noexcept
{
    for (unsigned long one = 0; ::prctl(PR_CAPBSET_READ, one, 0, 0, 0) >= 0; ++one)
        ::prctl(PR_CAPBSET_DROP, one, 0, 0, 0);
}

result<void> drop_capabilities()
{
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return last_error();
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    if (::syscall(SYS_capset, &header, none.data()) != 0) return last_error();
    return {};
}

}  // namespace tp::probe
