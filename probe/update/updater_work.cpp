// What is done about an instruction: refresh, judge, download, install, hand over.
#include <algorithm>
#include <utility>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "firmware-signing/tuf/names.hpp"
#include "probe/firmware/changing.hpp"
#include "probe/firmware/folder_lock.hpp"
#include "probe/together.hpp"
#include "probe/update/failures.hpp"
#include "probe/update/update_folders.hpp"
#include "probe/update/updater.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using firmware::cause;

constexpr char const* component = "updates";

steady_time steady_now()
{
    return std::chrono::steady_clock::now();
}

asio::awaitable<void> fetch_into(tuf::client& client, tuf::described_target found, std::filesystem::path folder,
                                 result<std::filesystem::path>& file)
{
    file = co_await client.fetch(std::move(found), std::move(folder));
}

}  // namespace

asio::awaitable<void> updater::work()
{
    again_ = false;
    failed_with_ = stopped_by_ = cause::none;
    if (is_due()) reach(phase::refreshing);
    tuf::client client(metadata_, tunnel_, options_.limits);
    bool well = co_await refresh(client);
    if (well) {
        judge_new(steady_now());
        judge_pending(true);
        look(steady_now());  // what was just accepted may be urgent
    }
    if (well && is_due()) {
        if (progress_.at() == phase::idle) reach(phase::refreshing);
        well = co_await carry_out(client);
    }
    if (progress_.at() != phase::handing_over && progress_.at() != phase::idle) reach(phase::idle);
    note_suspicion(well);
    plan_next_round(well);
}

/// Not while another program is about to take over: it has been told all.
void updater::note_suspicion(bool well)
{
    bool const now = is_suspicious(suspicious_, stopped_by_, well);
    if (now == suspicious_ || progress_.at() == phase::handing_over) return;
    suspicious_ = now;
    changed();
}

void updater::plan_next_round(bool well)
{
    auto const now = steady_now();
    if (again_) {
        times_.news(now);
    } else if (!well) {
        times_.failed(now);
        if (costs_again(failed_with_)) retry_at_ = *times_.due();
    } else if (begun_ && now < retry_at_) {
        times_.rest(retry_at_);
    } else {
        times_.well(now);
    }
    judge_pending(false);  // what came while something was fetched may need another refresh soon
    if (is_new_) times_.sooner(pace_.ready());
}

asio::awaitable<bool> updater::refresh(tuf::client& client)
{
    for (auto const& folder : {options_.folder, control_in(options_.folder), downloads_in(options_.folder)}) {
        error_code unmade;
        std::filesystem::create_directories(folder, unmade);
        if (unmade) co_return stop_with(unmade, folder.string());
    }
    auto const begun = tuf::begin_with(metadata_in(options_.folder, options_.first_root), options_.first_root);
    bool const there = begun || begun.error() == errc::conflict;  // a later root has replaced it
    if (!there) {
        bool const over = stop_with(begun.error(), "the root to begin with");
        stopped_by_ = cause::none;  // its host's own file: no trace of anybody else
        co_return over;
    }

    auto const begun_at = steady_now();
    times_.attempted(begun_at);
    auto const now = time();
    auto const done = co_await client.update(std::chrono::floor<std::chrono::seconds>(now));
    if (!done) co_return stop_with(done.error(), client.failed_file());
    clock_.accept(now, begun_at);
    memory_.root_version = client.trusted().root.version;
    auto const known = co_await control_.refresh(client);
    memory_.accepted = clock_.accepted();
    memory_.control = control_.in_force();
    judge_current_again();
    changed();
    if (saved_.control == memory_.control) control_.tidy();
    if (known) co_return true;
    auto const why = cause_of(known.error());
    // Of another role: that stops no update.
    co_return why == cause::not_believed || why == cause::expired || why == cause::other_protocol;
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
    result<std::filesystem::path> file = downloads_in(options_.folder) / tuf::local_target(found.path);
    if (!admitted.is_here) {
        reach(phase::downloading);
        bool const through = co_await download(client, std::move(found), file);
        if (!through || pending_) co_return true;  // what came meanwhile is looked at first
        if (!file) co_return stop_with(file.error(), what.content.target);
        reach(phase::downloaded);
    }
    bool const installed = co_await install(std::move(what), std::move(*file));
    co_return installed;
}

/// False: something came that ends it. What has been fetched stays as long as something is to be installed.
asio::awaitable<bool> updater::download(tuf::client& client, tuf::described_target found,
                                        result<std::filesystem::path>& file)
{
    auto folder = downloads_in(options_.folder);
    fetched_ = true;
    clear_downloads({tuf::growing_target(found.facts), tuf::local_target(found.path)});
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
    told_.expires_after(options_.told_within);
    reach(phase::handing_over);
    co_await told_.async_wait(as_values);
    if (is_wanted(what.content.release))
        into_.hand_over();
    else
        take_back(done.into, what.content.release);
    co_return true;
}

/// Also by what came since this round began.
bool updater::is_wanted(std::uint64_t release) const
{
    return !again_ || (current_ && current_->install && current_->install->release == release);
}

/// Or the next start would be of it. @pre the lock is held.
void updater::take_back(firmware::slot from, std::uint64_t release)
{
    auto const name = "release " + std::to_string(release);
    if (auto const gone = firmware::withdraw(*slots_, from, release); !gone)
        return log::error(component, name + " cannot be taken from its slot: " + gone.error().message());
    log::info(component, name + " is wanted no more, and was taken from its slot");
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
    stopped_by_ = why;
    if (!begun_ || !wants_update()) return false;
    failed_with_ = why;
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

/// All but the files of these names: the beginning of what is to be fetched, or the whole of it.
void updater::clear_downloads(std::vector<std::string> const& but)
{
    if (!std::exchange(fetched_, !but.empty())) return;
    std::error_code ec;
    for (std::filesystem::directory_iterator it(downloads_in(options_.folder), ec), end; !ec && it != end;
         it.increment(ec)) {
        std::error_code ignored;
        bool const kept = std::find(but.begin(), but.end(), it->path().filename()) != but.end();
        if (!kept) std::filesystem::remove(it->path(), ignored);
    }
}

}  // namespace tp::update
