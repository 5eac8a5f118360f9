#include "probe/update/updater.hpp"

#include <algorithm>
#include <functional>
#include <random>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "firmware-signing/control/director_keys.hpp"
#include "firmware-signing/tuf/names.hpp"
#include "probe/agent/host_log.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/firmware/sha256.hpp"
#include "probe/together.hpp"
#include "probe/update/failures.hpp"
#include "probe/update/put_off.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using firmware::cause;

constexpr char const* component = "updates";
constexpr std::size_t digits_of_name = 16;  // of a root's hash

steady_time steady_now()
{
    return std::chrono::steady_clock::now();
}

std::filesystem::path downloads_in(std::filesystem::path const& folder)
{
    return folder / "downloads";
}

std::filesystem::path control_in(std::filesystem::path const& folder)
{
    return folder / "control";
}

/// Another root to begin with is another repository.
std::filesystem::path metadata_in(updater_options const& with)
{
    return with.folder / ("metadata-" + firmware::sha256_hex(with.first_root).substr(0, digits_of_name));
}

std::string described(proto::instruction const& what)
{
    auto const before = "rollout " + std::to_string(what.rollout) + ": ";
    if (!what.install) return before + "halted";
    bool const forced = what.install->how == proto::instruction::mode::forced;
    return before + "release " + std::to_string(what.install->release) + (forced ? ", at once" : ", when it suits");
}

asio::awaitable<void> fetch_into(tuf::client& client, tuf::described_target found, std::filesystem::path folder,
                                 result<std::filesystem::path>& file)
{
    file = co_await client.fetch(std::move(found), std::move(folder));
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
      metadata_(metadata_in(options_)),
      control_(control_in(options_.folder),
               [this](control::content which, std::optional<std::string_view> octets) {
                   return use_control(which, octets);
               }),
      times_(options_.times, std::random_device()()),
      clock_(options_.built),
      wake_(executor),
      interrupted_(executor),
      told_(executor)
{
    if (options_.from) slots_.emplace(disk_, options_.from->folder);
    if (is_of_use()) restore();
}

void updater::restore()
{
    memory_ = saved_ = load_memory(memory_file(options_.folder));
    clock_.accept(memory_.accepted);
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
    auto const content = slots_->read_manifest(place.which, place.release);
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

bool updater::wants_update() const
{
    return slots_ && current_ && current_->install && !progress_.over() && progress_.at() != phase::handing_over &&
           current_->install->release != options_.from->place.release;
}

bool updater::may_begin() const
{
    bool const timely =
        memory_.plan && memory_.plan->is == begin_plan::kind::at && memory_.plan->at <= clock_.now(into_.wall());
    return wants_update() && timely && into_.committed();
}

void updater::look(steady_time now)
{
    if (!wants_update()) return;
    if (now >= next_plan_) {
        next_plan_ = now + plan_every;
        memory_.plan = plan_begin(*current_, options_.host, load_put_off(options_.folder), clock_.now(into_.wall()));
        changed();
    }
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
    auto out = now + plan_every;
    if (auto const due = refresh_due()) out = std::min(out, *due);
    if (!wants_update() || begun_) return std::max(out, now);
    out = std::min(out, next_plan_);
    if (memory_.plan && memory_.plan->is == begin_plan::kind::at) {
        auto const left = memory_.plan->at - clock_.now(into_.wall());
        out = std::min(out, now + std::clamp<std::chrono::nanoseconds>(left, look_every, plan_every));
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
    judge_pending(false);
}

void updater::judge_pending(bool keys_are_fresh)
{
    if (!pending_ || !probe_) return;
    learn_device();
    auto judged = judge(*pending_, {director_, *probe_, device_.model, clock_.now(into_.wall()), memory_.last});
    if (judged.why == doubt::unknown_key && !keys_are_fresh) {
        auto const now = steady_now();
        times_.sooner(refreshed_ ? std::max(now, *refreshed_ + unknown_key_every) : now);
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
    next_plan_ = {};
    interrupted_.cancel();
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
    changed();
}

// ---- what is done

asio::awaitable<void> updater::work()
{
    again_ = false;
    if (begun_ && may_begin()) reach(phase::refreshing);
    tuf::client client(metadata_, tunnel_, options_.limits);
    bool well = co_await refresh(client);
    if (well) {
        judge_pending(true);
        look(steady_now());  // what was just accepted may be urgent
    }
    if (well && begun_ && may_begin()) {
        if (progress_.at() == phase::idle) reach(phase::refreshing);
        well = co_await carry_out(client);
    }
    if (progress_.at() != phase::handing_over && progress_.at() != phase::idle) reach(phase::idle);
    if (again_)
        times_.news(steady_now());
    else if (well)
        times_.well(steady_now());
    else
        times_.failed(steady_now());
}

asio::awaitable<bool> updater::refresh(tuf::client& client)
{
    for (auto const& folder : {options_.folder, control_in(options_.folder), downloads_in(options_.folder)}) {
        error_code unmade;
        std::filesystem::create_directories(folder, unmade);
        if (unmade) co_return stop_with(unmade, folder.string());
    }
    auto const begun = tuf::begin_with(metadata_in(options_), options_.first_root);
    bool const there = begun || begun.error() == errc::conflict;  // a later root has replaced it
    if (!there) co_return stop_with(begun.error(), "the root to begin with");

    auto const now = std::chrono::floor<std::chrono::seconds>(clock_.now(into_.wall()));
    auto const done = co_await client.update(now);
    if (!done) co_return stop_with(done.error(), client.failed_file());
    clock_.accept(now);
    refreshed_ = steady_now();
    memory_.root_version = client.trusted().root.version;
    auto const known = co_await control_.refresh(client);
    memory_.accepted = clock_.accepted();
    memory_.control = control_.in_force();
    judge_current_again();
    changed();
    co_return known || cause_of(known.error()) == cause::not_believed;  // that a role has expired stops no update
}

/// False: trying again may help.
asio::awaitable<bool> updater::carry_out(tuf::client& client)
{
    auto const wanted = *current_->install;
    auto path = wanted.target;
    auto found = co_await client.find(std::move(path));
    if (again_) co_return true;
    if (!found) co_return stop_with(found.error(), wanted.target);
    auto agreed = agree(wanted, found->facts);
    if (agreed.why != cause::none) co_return stop_with(agreed.why);
    auto const done = co_await fetch_and_install(client, std::move(*found), std::move(agreed.what));
    co_return done;
}

firmware::admission updater::admit(firmware::offer const& what)
{
    auto const known = slots_->load();
    if (!known) return {cause::disk};
    return firmware::admit(what, device_, known->state, options_.from->place.which);
}

asio::awaitable<bool> updater::fetch_and_install(tuf::client& client, tuf::described_target found, firmware::offer what)
{
    auto const admitted = admit(what);
    if (admitted.why != cause::none) co_return stop_with(admitted.why);
    result<std::filesystem::path> file = errc::not_found;
    reach(phase::downloading);
    bool const through = co_await download(client, std::move(found), file);
    if (!through || pending_) co_return true;  // what came meanwhile is looked at first
    if (!file) co_return stop_with(file.error(), what.content.target);
    reach(phase::downloaded);
    bool const installed = co_await install(std::move(what), std::move(*file));
    co_return installed;
}

/// False: something came that ends it. What has been fetched stays.
asio::awaitable<bool> updater::download(tuf::client& client, tuf::described_target found,
                                        result<std::filesystem::path>& file)
{
    auto folder = downloads_in(options_.folder);
    clear_downloads(tuf::growing_target(found.facts));
    std::vector<asio::awaitable<void>> both;
    both.push_back(fetch_into(client, std::move(found), std::move(folder), file));
    both.push_back(wait_for_interruption());
    co_await probe::together(std::move(both));
    co_return !again_;
}

asio::awaitable<void> updater::wait_for_interruption()
{
    while (!again_) {
        interrupted_.expires_at(steady_time::max());
        co_await interrupted_.async_wait(as_values);
    }
}

asio::awaitable<bool> updater::install(firmware::offer what, std::filesystem::path file)
{
    reach(phase::installing);
    auto const held = firmware::folder_lock::take(slots_->folder(), 0ms);
    if (!held) co_return stop_with(cause::disk);
    auto const done =
        firmware::install(*slots_, what, device_, options_.from->place.which, [&] { return disk_.open(file); });
    if (done.why != cause::none) co_return stop_with(done.why);
    clear_downloads({});
    log::info(component,
              "release " + std::to_string(what.content.release) + " is in its slot: this program ends, to be replaced");
    told_.expires_after(told_within);
    reach(phase::handing_over);
    co_await told_.async_wait(as_values);
    into_.hand_over();
    co_return true;
}

bool updater::stop_with(error_code why, std::string const& about)
{
    auto const known = cause_of(why);
    if (known != cause::none) log::warning(component, about + ": " + why.message());
    return known != cause::none && stop_with(known);
}

/// False: trying again may help.
bool updater::stop_with(cause why)
{
    if (!begun_ || !wants_update()) return false;
    bool const again = progress_.fail(why);
    log::warning(component, described(*current_) + ": " + std::string(firmware::meaning_of(why)) +
                                (again ? "; it is tried again" : ""));
    changed();
    return !again;
}

void updater::reach(phase next)
{
    if (progress_.reach(next)) changed();
}

/// What is remembered and told, if it is something else than before.
void updater::changed()
{
    memory_.at = progress_.at();
    memory_.why = progress_.why();
    memory_.over = progress_.over() && progress_.release() > 0;
    update_report const now{progress_.state(),   progress_.result(), progress_.why(),
                            progress_.release(), progress_.nonce(),  memory_.root_version};
    if (memory_ != saved_) {
        auto const saved = save_memory(memory_file(options_.folder), memory_);
        if (saved) saved_ = memory_;
        if (!saved) log::error(component, "what is known of updates cannot be remembered: " + saved.error().message());
    }
    if (now != told_last_) into_.tell(told_last_ = now);
}

/// All but the file of this name: it is the beginning of what is to be fetched.
void updater::clear_downloads(std::string const& but)
{
    std::error_code ec;
    for (std::filesystem::directory_iterator it(downloads_in(options_.folder), ec), end; !ec && it != end;
         it.increment(ec)) {
        std::error_code ignored;
        if (it->path().filename() != but) std::filesystem::remove(it->path(), ignored);
    }
}

}  // namespace tp::update
