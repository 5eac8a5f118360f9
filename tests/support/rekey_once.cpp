// What a probe does for another key of its own, as a program whose calls into the kernel a test can make fail: the
// keeper of its keys on a real disk. The platform is a function that remembers what it knows in a file.
//
//     rekey-once make PLATFORM PROBE    makes a probe's key and its host's wish for another one
//     rekey-once run PLATFORM PROBE     changes it. Exit status 0 if the new one is the only one, 1 if it is not yet
//     rekey-once finish PLATFORM PROBE  looks at what a disturbed run left, and carries on: 0; or what is wrong: 2
#include <cstdio>

#include "base/files.hpp"
#include "probe/agent/key_keeper.hpp"
#include "probe/firmware/real_disk.hpp"
#include "tests/unit/probe/key_platform.hpp"

namespace tp::probe {
namespace {

using namespace std::chrono_literals;
using std::filesystem::path;
using test::key_platform;

constexpr int enough = 12;             // rounds, for whatever a fault may cost
constexpr std::size_t largest = 4096;  // octets of what the platform remembers

/// Its key, the one that was offered or an empty line, and how often it changed.
void remember(path const& file, key_platform::memory const& known)
{
    auto const pending = known.pending ? known.pending->text() : std::string();
    write_atomically(file, known.current.text() + '\n' + pending + '\n' + std::to_string(known.changes) + '\n').value();
}

key_platform recalled(path const& file)
{
    auto const text = read_file(file, largest).value();
    auto const first = text.find('\n'), second = text.find('\n', first + 1);
    auto const pending = text.substr(first + 1, second - first - 1);
    key_platform::memory out{ssh::public_key::parse(text.substr(0, first)).value(), {}, 0};
    if (!pending.empty()) out.pending = ssh::public_key::parse(pending).value();
    out.changes = static_cast<unsigned>(std::stoul(text.substr(second + 1)));
    return key_platform(out);
}

/// A probe that was just started, and its sessions with a platform that it always reaches.
class life {
public:
    life(path platform, path const& folder)
        : file_(std::move(platform)),
          there_(recalled(file_)),
          keys_(disk_, folder, ssh::private_key::load_or_make(folder / key_keeper::key_file).value(), [] {})
    {
    }

    void go_on(int rounds)
    {
        for (int i = 0; i < rounds; ++i, now_ += key_keeper::ask_again + 1s) {
            keys_.look(now_);
            if (session_ || log_in()) talk();
        }
    }

private:
    bool log_in()
    {
        auto const key = keys_.login().shared();
        bool const taken = there_.takes(key);
        remember(file_, there_.known());
        if (!taken) {
            keys_.turned_down();
            return false;
        }
        keys_.logged_in();
        keys_.session(true);
        session_ = key;
        return true;
    }
    void talk()
    {
        while (auto const words = keys_.take_words(key_platform::self, now_)) {
            auto const answer = there_.answer(*words, *session_);
            remember(file_, there_.known());
            if (auto const* const nonce = std::get_if<proto::key_nonce>(&answer)) keys_.hear(*nonce, now_);
            if (auto const* const said = std::get_if<proto::key_answer>(&answer)) keys_.hear(*said);
            if (!keys_.take_new_login()) continue;
            session_.reset();
            return keys_.session(false);
        }
    }

    path file_;
    key_platform there_;
    firmware::real_disk disk_;
    key_keeper keys_;
    std::optional<ssh::public_key> session_;
    steady_time now_ = steady_time() + 1h;
};

int make(path const& platform, path const& folder)
{
    auto const key = ssh::private_key::load_or_make(folder / key_keeper::key_file).value();
    write_atomically(folder / key_keeper::request_file, "", 0600).value();
    remember(platform, {key.shared(), {}, 0});
    return 0;
}

/// Whether the file holds the secret of what the platform takes, and holds it for its owner alone.
bool is_shared(path const& file, key_platform const& there)
{
    auto const key = ssh::private_key::load(file);
    return key && key->shared() == there.current();
}

bool is_over(path const& platform, path const& folder)
{
    auto const there = recalled(platform);
    return there.changes() == 1 && is_shared(folder / key_keeper::key_file, there) &&
           !std::filesystem::exists(folder / key_keeper::next_file) &&
           !std::filesystem::exists(folder / key_keeper::request_file);
}

int run(path const& platform, path const& folder)
{
    life(platform, folder).go_on(enough);
    return is_over(platform, folder) ? 0 : 1;
}

int finish(path const& platform, path const& folder)
{
    auto const there = recalled(platform);
    char const* wrong = nullptr;
    if (!ssh::private_key::load(folder / key_keeper::key_file)) wrong = "the key is gone";
    if (!is_shared(folder / key_keeper::key_file, there) && !is_shared(folder / key_keeper::next_file, there))
        wrong = "the platform takes no key that is left";
    if (!wrong && run(platform, folder) != 0) wrong = "a plain retry does not do it";
    if (wrong) std::fprintf(stderr, "%s\n", wrong);
    return wrong ? 2 : 0;
}

}  // namespace
}  // namespace tp::probe

int main(int count, char** words)
{
    using namespace tp::probe;
    if (count != 4) return 2;
    std::string const verb = words[1];
    try {
        if (verb == "make") return make(words[2], words[3]);
        return verb == "run" ? run(words[2], words[3]) : finish(words[2], words[3]);
    } catch (std::exception const& error) {  // it cannot begin, which a probe would say and try again
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
