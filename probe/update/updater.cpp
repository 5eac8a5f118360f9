#include "probe/update/updater.hpp"

#include <algorithm>
#include <functional>
#include <random>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "firmware-signing/control/director_keys.hpp"
#include "probe/update/put_off.hpp"
#include "probe/update/update_folders.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using firmware::cause;

constexpr char const* component = "updates";

steady_time steady_now()
{
    return std::chrono::steady_clock::now();
}

}  // namespace

tuf::limits updater_options::limits_of_a_probe()
{
    tuf::limits out;
    out.root = 128 * 1024;
    out.snapshot = 256 * 1024;
    out.targets = 512 * 1024;
    return out;
}

updater::updater(asio::any_io_executor executor, updater_options with, updater_seams into)
    : options_(std::move(with)),
      into_(std::move(into)),
      tunnel_(executor, into_.on_news),
      metadata_(metadata_in(options_.folder, options_.first_root)),
      control_(control_in(options_.folder),
               [this](control::content which, std::optional<std::string_view> octets) {
                   return use_control(which, octets);
               }),
      times_(options_.times, std::random_device()()),
      clock_(options_.built, steady_now()),
      wake_(executor),
      interrupted_(executor),
      told_(executor)
{
    if (options_.from) slots_.emplace(disk_, options_.from->where);
    if (is_of_use()) restore();
}

void updater::restore()
{
    memory_ = saved_ = load_memory(memory_file(options_.folder));
    clock_.accept(memory_.accepted, steady_now());
    learn_device();
    control_.restore(memory_.control);
    restore_instruction();
    changed();
}

/// Again and again, until the disk tells what runs here.
void updater::learn_device()
{
    if (!slots_ || !device_.model.empty()) return;
    auto const& place = options_.from->place;
    auto const content = slots_->contents().read_manifest(place.which, place.release);
    device_ = {content ? content->model : std::string(), options_.hardware};
}

/// It is no more to be believed than what comes over the network; but that it is known, and that it may have expired
/// meanwhile, is no reason against it.
void updater::restore_instruction()
{
    if (!memory_.last || memory_.last->octets.empty() || !slots_) return;
    auto const read = proto::decode_instruction(memory_.last->octets);
    proto::signed_instruction const kept{memory_.last->octets, memory_.last->key, memory_.signature};
    auto const judged =
        judge(kept, {director_, read ? read->probe : probe_id::from(1).value(), device_.model, {}, memory_.last});
    if (judged.why != doubt::none) {
        log::warning(component,
                     "the instruction that was kept is not followed: " + std::string(meaning_of(judged.why)));
        return follow_none();
    }
    current_ = *judged.says;
    auto const release = current_->install ? current_->install->release : 0;
    progress_.follow(current_->nonce, release);
    auto const known = slots_->load();
    bool const failed = known && known->state.last_failure && known->state.last_failure->release == release;
    if (failed)
        progress_.found_failed(known->state.last_failure->why);
    else if (memory_.over && release > 0)
        progress_.found_failed(memory_.why);
}

result<void> updater::use_control(control::content which, std::optional<std::string_view> octets)
{
    if (which != control::content::director) return into_.use_control(which, octets);
    if (!octets) {
        director_.clear();
        return {};
    }
    auto keys = control::read_director_keys(*octets);
    if (!keys) return keys.error();
    director_ = std::move(*keys);
    return {};
}

// ---- when

wall_time updater::time() const
{
    return clock_.now(into_.wall(), steady_now());
}

bool updater::wants_update() const
{
    return slots_ && current_ && current_->install && !progress_.over() && progress_.at() != phase::handing_over &&
           current_->install->release != options_.from->place.release;
}

bool updater::may_begin() const
{
    bool const timely = memory_.plan && memory_.plan->is == begin_plan::kind::at && memory_.plan->at <= time();
    return wants_update() && timely && into_.committed();
}

/// Its time has come, and no failure has to rest.
bool updater::is_due() const
{
    return begun_ && may_begin() && steady_now() >= retry_at_;
}

void updater::look(steady_time now)
{
    judge_new(now);
    if (!wants_update()) return clear_downloads({});
    if (now >= next_plan_) {
        next_plan_ = now + options_.plan_every;
        auto const ahead = clock_.ahead_of(into_.wall(), now);
        memory_.plan = plan_begin(*current_, options_.host, load_put_off(options_.folder), time(), ahead);
        changed();
    }
    if (memory_.plan && memory_.plan->is == begin_plan::kind::too_late) clear_downloads({});
    if (begun_ && !may_begin()) begun_ = false;  // its window has closed, or the host put it off
    if (begun_ || !may_begin()) return;
    begun_ = true;
    times_.sooner(now);
}

/// Never without a root to begin with, or without a session to fetch through.
std::optional<steady_time> updater::refresh_due() const
{
    return is_of_use() && tunnel_.in_session() ? times_.due() : std::nullopt;
}

steady_time updater::next_look(steady_time now) const
{
    steady_time out = now + options_.plan_every;
    if (auto const due = refresh_due()) out = std::min(out, *due);
    if (is_new_ && probe_) out = std::min(out, pace_.ready());
    if (!wants_update() || begun_) return std::max(out, now);
    out = std::min(out, next_plan_);
    if (memory_.plan && memory_.plan->is == begin_plan::kind::at) {
        auto const left = memory_.plan->at - time();
        out = std::min(
            out, now + std::clamp<std::chrono::nanoseconds>(
                           left, look_every, std::max<std::chrono::nanoseconds>(look_every, options_.plan_every)));
    }
    return std::max(out, now);
}

asio::awaitable<void> updater::run()
{
    for (;;) {  // left by cancellation only
        look(steady_now());
        wake_.expires_at(next_look(steady_now()));
        co_await wake_.async_wait(as_values);
        look(steady_now());
        auto const due = refresh_due();
        if (due && steady_now() >= *due) co_await work();
    }
}

// ---- what the session brings

void updater::session_began(probe_id probe)
{
    tunnel_.session_began();
    times_.session_began(steady_now());
    bool const other = current_ && current_->probe != probe;
    probe_ = probe;
    if (other) follow_none();
    judge_new(steady_now());
    judge_pending(false);
    wake_.cancel();
}

void updater::session_ended()
{
    tunnel_.session_ended();
    told_.cancel();
}

void updater::take(proto::signed_instruction what)
{
    bool const known = memory_.last && memory_.last->octets == what.instruction && current_;
    if (!is_of_use() || !slots_ || known) return;
    pending_ = std::move(what);
    is_new_ = true;
    judge_new(steady_now());
    wake_.cancel();
}

/// One that has to wait is replaced by the next one, and the latest of all is judged.
void updater::judge_new(steady_time now)
{
    if (!is_new_ || !probe_ || !pace_.take(now)) return;
    is_new_ = false;
    judge_pending(false);
}

void updater::judge_pending(bool keys_are_fresh)
{
    if (!pending_ || is_new_ || !probe_) return;
    learn_device();
    auto judged = judge(*pending_, {director_, *probe_, device_.model, time(), memory_.last});
    if (judged.why == doubt::unknown_key && !keys_are_fresh) {
        times_.unknown_key(steady_now());
        return wake_.cancel(), void();
    }
    auto const taken = *std::exchange(pending_, std::nullopt);
    if (judged.why != doubt::none) return refuse(judged.why, taken);
    accept(std::move(*judged.says), taken);
}

void updater::accept(proto::instruction says, proto::signed_instruction what)
{
    log::info(component, described(says));
    memory_.last = last_accepted{what.key, says.issued, what.instruction};
    memory_.signature = what.signature;
    current_ = std::move(says);
    progress_.follow(current_->nonce, current_->install ? current_->install->release : 0);
    memory_.plan.reset();
    begun_ = false;
    again_ = true;
    next_plan_ = retry_at_ = {};
    interrupted_.cancel();
    told_.cancel();
    times_.news(steady_now());
    changed();
    wake_.cancel();
}

void updater::refuse(doubt why, proto::signed_instruction const& what)
{
    auto const answer =
        refusals_.may_tell(static_cast<int>(why), std::hash<std::string>()(what.instruction), steady_now());
    if (answer == seldom::answer::no) return;
    bool const last = answer == seldom::answer::for_the_last_time;
    std::string const text(meaning_of(why));
    log::warning(component,
                 "an instruction is refused: " + text + (last ? "; no more of this is told for an hour" : ""));
    into_.report("instruction_refused", text);
}

/// After a refresh: its key may be listed no more.
void updater::judge_current_again()
{
    if (!current_) return;
    auto const key = signing::public_key::from_octets(memory_.last->key);
    if (key && std::find(director_.begin(), director_.end(), *key) != director_.end()) return;
    log::warning(component, "the instruction's key is listed no more: it is not followed");
    follow_none();
}

void updater::follow_none()
{
    current_.reset();
    memory_.plan.reset();
    progress_ = {};
    begun_ = false;
    again_ = true;
    interrupted_.cancel();
    told_.cancel();
    changed();
}

/// What is remembered and told, if it is something else than before.
void updater::changed()
{
    memory_.at = progress_.at();
    memory_.why = progress_.why();
    memory_.over = progress_.over() && progress_.release() > 0;
    update_report const now{progress_.state(), progress_.result(),   progress_.why(), progress_.release(),
                            progress_.nonce(), memory_.root_version, suspicious_};
    if (memory_ != saved_) {
        auto const saved = save_memory(memory_file(options_.folder), memory_);
        if (saved) saved_ = memory_;
        if (!saved) log::error(component, "what is known of updates cannot be remembered: " + saved.error().message());
    }
    if (now != told_last_) into_.tell(told_last_ = now);
}

}  // namespace tp::update
