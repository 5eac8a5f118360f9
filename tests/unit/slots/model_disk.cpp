#include "tests/unit/slots/model_disk.hpp"

#include <cerrno>

namespace tp::firmware::test {

struct model_disk::node {
    enum class kind { file, folder, link, device };
    using change = std::vector<std::pair<std::string, node_ptr>>;  // names that change together; null: gone

    kind is = kind::file;
    std::string octets, kept_octets;  // of a file now, and after a power cut; of a link
    std::map<std::string, node_ptr> names, kept_names;
    std::vector<change> unflushed;
};

namespace {

using node = model_disk::node;

error_code failure(int number)
{
    return {number, boost::system::system_category()};
}

void make_change(std::map<std::string, std::shared_ptr<node>>& to, node::change const& what)
{
    for (auto const& [name, now] : what) {
        if (now)
            to[name] = now;
        else
            to.erase(name);
    }
}

class read_file final : public readable {
public:
    read_file(model_disk& on, std::shared_ptr<node> from) : on_(on), from_(std::move(from)) {}
    result<std::string> read(std::size_t most) override
    {
        if (auto const asked = on_.call(model_disk::sort::reads); !asked) return asked.error();
        auto out = from_->octets.substr(std::min(at_, from_->octets.size()), most);
        at_ += out.size();
        return out;
    }

private:
    model_disk& on_;
    std::shared_ptr<node> from_;
    std::size_t at_ = 0;
};

class written_file final : public writable {
public:
    written_file(model_disk& on, std::shared_ptr<node> to) : on_(on), to_(std::move(to)) {}
    result<void> write(std::string_view octets) override
    {
        auto const asked = on_.call(model_disk::sort::writes);
        if (asked && to_->is == node::kind::device && octets.size() > to_->octets.size() - at_) return failure(ENOSPC);
        if (!asked && on_.cut_short()) put(octets.substr(0, octets.size() / 2));
        if (!asked) return asked;
        put(octets);
        return {};
    }
    result<void> flush() override
    {
        if (auto const asked = on_.call(model_disk::sort::needs_space); !asked) return asked;
        to_->kept_octets = to_->octets;
        return {};
    }

private:
    void put(std::string_view octets)
    {
        if (to_->is == node::kind::device) octets = octets.substr(0, to_->octets.size() - at_);
        to_->octets.replace(std::min(at_, to_->octets.size()), octets.size(), octets);
        at_ += octets.size();
    }

    model_disk& on_;
    std::shared_ptr<node> to_;
    std::size_t at_ = 0;
};

/// Reading it is no call: what runs is nobody's file any more.
class sealed_copy final : public readable {
public:
    explicit sealed_copy(std::string octets) : octets_(std::move(octets)) {}
    result<std::string> read(std::size_t most) override
    {
        auto out = octets_.substr(std::min(at_, octets_.size()), most);
        at_ += out.size();
        return out;
    }

private:
    std::string octets_;
    std::size_t at_ = 0;
};

class copy_in_memory final : public memory_file {
public:
    explicit copy_in_memory(model_disk& on) : on_(on) {}
    result<void> write(std::string_view octets) override
    {
        if (auto const asked = on_.call(model_disk::sort::reads); !asked)
            return asked;  // no matter of the disk's space
        octets_ += octets;
        return {};
    }
    result<std::unique_ptr<readable>> seal() override
    {
        if (auto const asked = on_.call(model_disk::sort::reads); !asked) return asked.error();
        return std::make_unique<sealed_copy>(std::move(octets_));
    }

private:
    model_disk& on_;
    std::string octets_;
};

constexpr std::size_t sector = 64;  // octets; small, as the tests' programs are

/// A device has every sector as it was or as it was to be, or as nobody wanted it.
std::string device_after_cut(node const& device, leftover what, std::mt19937_64& random)
{
    auto out = device.kept_octets;
    for (std::size_t at = 0; at < out.size(); at += sector) {
        auto const now = std::string_view(device.octets).substr(at, sector);
        if (now == std::string_view(device.kept_octets).substr(at, sector)) continue;
        bool const zeros = what == leftover::names_and_zeros || (what == leftover::random && random() % 8 == 0);
        bool const all = what == leftover::all || what == leftover::octets_only;
        if (zeros)
            out.replace(at, now.size(), now.size(), '\0');
        else if (all || (what != leftover::nothing && random() % 2 == 0))
            out.replace(at, now.size(), now);
    }
    return out;
}

std::string after_cut(node const& file, leftover what, std::mt19937_64& random)
{
    if (file.is == node::kind::device) return device_after_cut(file, what, random);
    if (what == leftover::random) {
        constexpr leftover each[]{leftover::nothing, leftover::all, leftover::names_and_half,
                                  leftover::names_and_zeros};
        what = each[random() % std::size(each)];
    }
    switch (what) {
        case leftover::all:
        case leftover::octets_only:
            return file.octets;
        case leftover::names_and_half:
            return file.octets.substr(0, file.octets.size() / 2);
        case leftover::names_and_zeros:
            return std::string(file.octets.size(), '\0');
        default:
            return file.kept_octets;
    }
}

void cut(node& at, leftover what, std::mt19937_64& random)
{
    bool const has_octets = at.is == node::kind::file || at.is == node::kind::device;
    if (has_octets && at.octets != at.kept_octets) at.octets = at.kept_octets = after_cut(at, what, random);
    for (auto const& change : at.unflushed) {
        bool const lost = what == leftover::nothing || what == leftover::octets_only;
        if (what == leftover::random ? random() % 2 == 0 : !lost) make_change(at.kept_names, change);
    }
    at.unflushed.clear();
    at.names = at.kept_names;
    for (auto const& [name, inside] : at.names) cut(*inside, what, random);
}

}  // namespace

model_disk::model_disk() : root_(std::make_shared<node>())
{
    root_->is = node::kind::folder;
}

result<void> model_disk::call(sort what)
{
    ++calls_;
    bool const at = calls_ == fault_at_, after = calls_ >= fault_at_;
    bool const space = what == sort::needs_space || what == sort::writes;
    cut_short_ = fault_ == fault::half && at && what == sort::writes;
    bool const fails = (fault_ == fault::kill && at) || (fault_ == fault::io_error && at) ||
                       (fault_ == fault::no_space && at && space) || cut_short_ ||
                       (fault_ == fault::full_disk && after && space) ||
                       (fault_ == fault::bad_writes && after && what != sort::reads);
    if (!fails) return {};
    struck_ = true;
    if (fault_ == fault::kill) throw killed();
    return failure(fault_ == fault::io_error || fault_ == fault::bad_writes ? EIO : ENOSPC);
}

void model_disk::cut_power(leftover what, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    cut(*root_, what, random);
}

model_disk::node_ptr model_disk::find(path const& at) const
{
    auto here = root_;
    for (auto const& part : at.relative_path()) {
        auto const found = here->names.find(part.string());
        if (found == here->names.end()) return nullptr;
        here = found->second;
    }
    return here;
}

void model_disk::set(node& folder, node::change names)
{
    make_change(folder.names, names);
    folder.unflushed.push_back(std::move(names));
}

std::optional<std::string> model_disk::content(path const& file) const
{
    auto const found = find(file);
    if (!found) return std::nullopt;
    return found->octets;
}

void model_disk::put(path const& file, std::string octets)
{
    auto here = root_;
    for (auto const& part : file.parent_path().relative_path()) {
        auto& next = here->names[part.string()];
        if (!next) {
            next = std::make_shared<node>();
            next->is = node::kind::folder;
        }
        here->kept_names[part.string()] = next;
        here = next;
    }
    auto made = std::make_shared<node>();
    made->octets = made->kept_octets = std::move(octets);
    here->names[file.filename().string()] = here->kept_names[file.filename().string()] = made;
}

void model_disk::put_device(path const& device, std::size_t size)
{
    put(device, std::string(size, '\0'));
    find(device)->is = node::kind::device;
}

result<std::unique_ptr<readable>> model_disk::open(path const& file)
{
    if (auto const asked = call(sort::reads); !asked) return asked.error();
    auto found = find(file);
    if (!found) return failure(ENOENT);
    return std::make_unique<read_file>(*this, std::move(found));
}

result<std::unique_ptr<writable>> model_disk::create(path const& file, unsigned)
{
    if (auto const asked = call(sort::needs_space); !asked) return asked.error();
    auto const folder = find(file.parent_path());
    if (!folder) return failure(ENOENT);
    auto found = find(file);
    if (found) {
        found->octets.clear();
    } else {
        found = std::make_shared<node>();
        set(*folder, {{file.filename().string(), found}});
    }
    return std::make_unique<written_file>(*this, std::move(found));
}

result<std::unique_ptr<writable>> model_disk::reopen(path const& file)
{
    if (auto const asked = call(sort::reads); !asked) return asked.error();
    auto found = find(file);
    if (!found) return failure(ENOENT);
    return std::make_unique<written_file>(*this, std::move(found));
}

result<void> model_disk::make_folder(path const& folder)
{
    if (auto const asked = call(sort::needs_space); !asked) return asked;
    auto const parent = find(folder.parent_path());
    if (!parent) return failure(ENOENT);
    if (find(folder)) return failure(EEXIST);
    auto made = std::make_shared<node>();
    made->is = node::kind::folder;
    set(*parent, {{folder.filename().string(), std::move(made)}});
    return {};
}

result<std::vector<std::string>> model_disk::list(path const& folder)
{
    if (auto const asked = call(sort::reads); !asked) return asked.error();
    auto const found = find(folder);
    if (!found) return failure(ENOENT);
    if (found->is != node::kind::folder) return failure(ENOTDIR);
    std::vector<std::string> out;
    for (auto const& [name, inside] : found->names) out.push_back(name);
    return out;
}

result<std::string> model_disk::read_link(path const& link)
{
    if (auto const asked = call(sort::reads); !asked) return asked.error();
    auto const found = find(link);
    if (!found) return failure(ENOENT);
    return found->octets;
}

result<void> model_disk::make_link(std::string const& to, path const& link)
{
    if (auto const asked = call(sort::needs_space); !asked) return asked;
    auto const folder = find(link.parent_path());
    if (!folder) return failure(ENOENT);
    if (find(link)) return failure(EEXIST);
    auto made = std::make_shared<node>();
    made->is = node::kind::link;
    made->octets = made->kept_octets = to;  // a link is made whole or not at all
    set(*folder, {{link.filename().string(), std::move(made)}});
    return {};
}

result<void> model_disk::rename(path const& from, path const& to)
{
    if (auto const asked = call(sort::needs_space); !asked) return asked;
    auto const folder = find(from.parent_path());
    auto found = find(from);
    if (!folder || !found || from.parent_path() != to.parent_path()) return failure(ENOENT);
    auto const there = find(to);
    if (there && there->is == node::kind::folder && !there->names.empty()) return failure(ENOTEMPTY);
    set(*folder, {{from.filename().string(), nullptr}, {to.filename().string(), std::move(found)}});
    return {};
}

result<void> model_disk::remove(path const& file)
{
    if (auto const asked = call(sort::changes); !asked) return asked;
    auto const found = find(file);
    if (!found) return failure(ENOENT);
    if (found->is == node::kind::folder) return failure(EISDIR);
    set(*find(file.parent_path()), {{file.filename().string(), nullptr}});
    return {};
}

result<void> model_disk::remove_folder(path const& folder)
{
    if (auto const asked = call(sort::changes); !asked) return asked;
    auto const found = find(folder);
    if (!found) return failure(ENOENT);
    if (found->is != node::kind::folder) return failure(ENOTDIR);
    if (!found->names.empty()) return failure(ENOTEMPTY);
    set(*find(folder.parent_path()), {{folder.filename().string(), nullptr}});
    return {};
}

result<void> model_disk::flush_folder(path const& folder)
{
    if (auto const asked = call(sort::needs_space); !asked) return asked;
    auto const found = find(folder);
    if (!found) return failure(ENOENT);
    found->kept_names = found->names;
    found->unflushed.clear();
    return {};
}

result<std::unique_ptr<memory_file>> model_disk::in_memory()
{
    if (auto const asked = call(sort::reads); !asked) return asked.error();
    return std::make_unique<copy_in_memory>(*this);
}

}  // namespace tp::firmware::test
