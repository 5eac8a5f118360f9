#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "base/error.hpp"

/// The update is decided by machines without I/O: each says what it needs next and is given the outcome.
namespace tp::tuf {

/// Reads a file of the trusted metadata that is kept here. Outcome: its octets; errc::not_found if there is none,
/// errc::too_large if it is none of ours; another error if nobody can tell.
struct load {
    std::string file;
    std::uint64_t most;  // octets
};

/// Fetches a file of metadata from the repository. Outcome: its octets; errc::not_found if the repository answered that
/// it has no such file; another error if it did not answer so.
struct download {
    std::string file;
    std::uint64_t most;  // octets
};

/// Makes octets the trusted metadata of this name, so that they are still there after a power cut. Outcome: empty, or
/// an error, and then what was kept before is still there.
struct save {
    std::string file;
    std::string octets;
};

/// Forgets trusted metadata, with the same certainty. Outcome: empty, or an error.
struct forget {
    std::string file;
};

struct finished {};

struct failed {
    std::string file;  // about which file, as it is named at the repository
    error_code why;
};

using step = std::variant<load, download, save, forget, finished, failed>;

/// The outcome of a step, or refusal::too_large when a download brought more than it was asked for.
result<std::string> within_limit(step const& asked, result<std::string> outcome);

/// What the machines share: the step that is next, and which function of theirs takes its outcome.
template <class Machine>
class stepwise {
public:
    /// What is to be done next. `finished` and `failed` stay.
    step const& next() const noexcept { return next_; }

    /// Tells the outcome of next(). @pre it is neither finished nor failed.
    void answer(result<std::string> outcome)
    {
        auto checked = within_limit(next_, std::move(outcome));
        (static_cast<Machine*>(this)->*then_)(std::move(checked));
    }

protected:
    using then = void (Machine::*)(result<std::string>);

    void ask(step next, then with)
    {
        next_ = std::move(next);
        then_ = with;
    }
    void finish() { ask(finished(), nullptr); }
    void fail(std::string file, error_code why) { ask(failed{std::move(file), why}, nullptr); }

private:
    step next_ = finished();
    then then_ = nullptr;
};

}  // namespace tp::tuf
