#include "probe/agent/translation_watch.hpp"

namespace tp::probe {

void translation_watch::network_changed(bool has_v6, steady_time now)
{
    ++network_;
    open_since_ = next_ = has_v6 ? std::optional(now) : std::nullopt;
}

bool translation_watch::answered(std::uint64_t network, bool definite, steady_time now)
{
    if (network != network_ || !next_) return false;
    if (definite) open_since_.reset();
    std::chrono::seconds const pause = state(now) == translation_state::known ? ask_at_ease : ask_again;
    next_ = now + (definite ? ask_every : pause);
    return true;
}

translation_state translation_watch::state(steady_time now) const noexcept
{
    if (!open_since_ || now - *open_since_ >= longest_unknown) return translation_state::known;
    return now - *open_since_ < longest_wait ? translation_state::awaited : translation_state::unknown;
}

}  // namespace tp::probe
