#include "probe/agent/key_request.hpp"

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include "base/files.hpp"
#include "base/log.hpp"
#include "probe/agent/key_keeper.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "key";
constexpr unsigned private_file = 0600;
constexpr std::chrono::seconds patience{60};
constexpr std::chrono::milliseconds step{200};

std::string fingerprint_in(std::filesystem::path const& state)
{
    auto const key = ssh::private_key::load(state / key_keeper::key_file);
    return key ? key->shared().fingerprint() : std::string();
}

}  // namespace

int ask_for_new_key(std::filesystem::path const& state)
{
    auto const before = fingerprint_in(state);
    auto const asked = write_atomically(state / key_keeper::request_file, "", private_file);
    if (before.empty() || !asked) {
        log::error(component, before.empty() ? "there is no key yet" : asked.error().message());
        return 1;
    }
    auto const until = std::chrono::steady_clock::now() + patience;
    auto now = before;
    while (now == before && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(step);
        now = fingerprint_in(state);
    }
    if (now == before)
        std::printf("asked for: the agent changes the key %s in its next session\n", before.c_str());
    else
        std::printf("%s\nwas replaced by\n%s\n", before.c_str(), now.c_str());
    return 0;
}

}  // namespace tp::probe
