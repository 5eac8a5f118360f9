#include "probe/update/progress.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tp::update {
namespace {

using firmware::cause;
using firmware::update_result;
using firmware::update_state;

constexpr std::array<std::string_view, 6> names{"idle",       "refreshing", "downloading",
                                                "downloaded", "installing", "handing-over"};

}  // namespace

std::string_view name_of(phase is) noexcept
{
    return names[static_cast<std::size_t>(is)];
}

std::optional<phase> phase_of(std::string_view name) noexcept
{
    auto const* const found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<phase>(found - names.begin());
}

update_state state_of(phase is) noexcept
{
    switch (is) {
        case phase::idle:
        case phase::refreshing:
            return update_state::idle;
        case phase::downloading:
            return update_state::downloading;
        case phase::downloaded:
            return update_state::downloaded;
        case phase::installing:
        case phase::handing_over:
            break;
    }
    return update_state::updating;
}

update_result result_so_far(cause why) noexcept
{
    return why == cause::none ? update_result::initial : firmware::result_of(why);
}

bool may_pass(cause why) noexcept
{
    switch (why) {
        case cause::not_reached:
        case cause::too_slow:
        case cause::not_believed:
        case cause::expired:
        case cause::other_protocol:
        case cause::no_such_target:
        case cause::trial_under_way:
        case cause::wrong_length:
        case cause::wrong_hash:
        case cause::no_space:
        case cause::disk:
        case cause::no_memory:
            return true;
        default:
            return false;
    }
}

bool is_suspicious(bool before, cause why, bool well) noexcept
{
    if (firmware::looks_like_attack(why)) return true;
    return before && !well;
}

void progress::follow(std::string nonce, std::uint64_t release)
{
    *this = {};
    nonce_ = std::move(nonce);
    release_ = release;
    over_ = release == 0;
}

bool progress::reach(phase next) noexcept
{
    bool const back = next == phase::idle && at_ != phase::handing_over;
    bool const on = static_cast<int>(next) == static_cast<int>(at_) + 1;
    bool const there_already = at_ == phase::refreshing && next == phase::installing;  // it lies in its slot
    if (over_ || !(back || on || there_already)) return false;
    at_ = next;
    return true;
}

bool progress::fail(cause why) noexcept
{
    at_ = phase::idle;
    ++failures_;
    over_ = !may_pass(why);
    if (over_ || failures_ >= patience) why_ = why;
    return !over_;
}

void progress::found_failed(cause why) noexcept
{
    at_ = phase::idle;
    why_ = why;
    over_ = true;
}

}  // namespace tp::update
