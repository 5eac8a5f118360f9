#include "probe/agent/key_keeper.hpp"

#include <cstring>

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "proto/key_change.hpp"

namespace tp::probe {
namespace {

constexpr char const* component = "key";
constexpr unsigned private_file = 0600;

result<std::string> read_all(firmware::disk& disk, std::filesystem::path const& file)
{
    auto const from = disk.open(file);
    if (!from) return from.error();
    std::string out;
    for (;;) {
        auto block = (*from)->read(key_keeper::largest_file + 1 - out.size());
        if (!block) return block.error();
        if (block->empty()) return out;
        out += *block;
        ::explicit_bzero(block->data(), block->size());
        if (out.size() > key_keeper::largest_file) return errc::too_large;
    }
}

}  // namespace

key_keeper::key_keeper(firmware::disk& disk, std::filesystem::path folder, ssh::private_key current,
                       std::function<void()> on_news)
    : disk_(disk), folder_(std::move(folder)), current_(std::move(current)), on_news_(std::move(on_news))
{
    find_next();
}

/// Takes up what a change that was cut off has left. Errors: those of reading it, after which nobody knows.
result<void> key_keeper::find_next()
{
    auto text = read_all(disk_, folder_ / next_file);
    if (!text && firmware::is_absent(text.error())) return {};
    if (!text) return text.error();
    auto key = ssh::private_key::parse(std::move(*text));
    if (key) next_ = std::move(*key);
    return {};  // no key was ever told to anybody that is not whole here
}

boost::asio::awaitable<void> key_keeper::run()
{
    for (;;) {  // left by cancellation only
        look(std::chrono::steady_clock::now());
        co_await pause_for(look_every);
    }
}

void key_keeper::look(steady_time now)
{
    if (proven_) return finish();
    if (host_asks()) {
        auto const begun = begin();
        auto const trouble = begun ? std::string() : begun.error().message();
        if (!begun && trouble != last_trouble_) log::error(component, "no new key can be made: " + trouble);
        last_trouble_ = trouble;
    }
    bool const due = next_ && !with_next_ && in_session_ && (!asked_ || now >= *asked_ + ask_again);
    if (due) on_news_();
}

bool key_keeper::host_asks() const
{
    return disk_.open(folder_ / request_file).has_value();
}

/// The next key is on the disk for good before the wish for it is forgotten, and before anybody hears of it.
result<void> key_keeper::begin()
{
    if (!next_) {
        if (auto const found = find_next(); !found) return found;
    }
    if (!next_) {
        auto made = ssh::private_key::make();
        if (!made) return made.error();
        auto const kept = keep_next(*made);
        if (!kept) return kept.error();
        next_ = std::move(*made);
        with_next_ = proven_ = tried_other_ = false;
        log::info(component, "changing to the key " + next_->shared().fingerprint());
    }
    auto const forgotten = disk_.remove(folder_ / request_file);
    if (!forgotten) return firmware::is_absent(forgotten.error()) ? result<void>() : forgotten;
    return disk_.flush_folder(folder_);  // or a power cut brings the wish back, and the key is changed twice
}

result<void> key_keeper::keep_next(ssh::private_key const& key)
{
    auto text = key.text();
    if (!text) return text.error();
    auto const beside = folder_ / (std::string(next_file) + ".new");
    auto const file = disk_.create(beside, private_file);
    auto done = file ? (*file)->write(*text) : result<void>(file.error());
    ::explicit_bzero(text->data(), text->size());
    if (done) done = (*file)->flush();
    if (done) done = disk_.rename(beside, folder_ / next_file);
    if (done) done = disk_.flush_folder(folder_);
    return done;
}

void key_keeper::logged_in()
{
    tried_other_ = false;
    if (!with_next_) return;
    proven_ = true;
    finish();
}

void key_keeper::session(bool open) noexcept
{
    in_session_ = open;
    asked_.reset();
    nonce_.reset();
}

bool key_keeper::turned_down()
{
    if (!next_) find_next();
    if (!next_) return false;
    with_next_ = !with_next_;
    return !std::exchange(tried_other_, true);
}

void key_keeper::finish()
{
    auto const replaced = replace_current();
    auto const trouble = replaced ? std::string() : replaced.error().message();
    if (!replaced && trouble != last_trouble_)
        log::error(component, "the new key cannot take its place yet: " + trouble);
    last_trouble_ = trouble;
    if (!replaced) return;
    log::info(component, "the key is now " + next_->shared().fingerprint());
    current_ = std::move(*next_);
    next_.reset();
    with_next_ = proven_ = false;
}

/// The old key is written over once nothing leads back to it: a power cut before that leaves it whole.
result<void> key_keeper::replace_current()
{
    auto const key = folder_ / key_file, next = folder_ / next_file;
    auto old = disk_.reopen(key);
    auto const length = read_all(disk_, key);
    auto done = disk_.rename(next, key);
    // Done before, and cut off behind the rename.
    if (!done && firmware::is_absent(done.error()) && length) {
        auto const there = ssh::private_key::parse(*length);
        if (there && there->shared() == next_->shared()) return disk_.flush_folder(folder_);
    }
    if (done) done = disk_.flush_folder(folder_);
    if (!done) return done;
    bool const wiped = old && length && (*old)->write(std::string(length->size(), '\0')) && (*old)->flush();
    if (!wiped) log::warning(component, "the old key is replaced, but could not be written over");
    return {};
}

void key_keeper::hear(proto::key_nonce const& nonce, steady_time now)
{
    if (with_next_) return;
    if (nonce.wanted && !next_) {
        if (wished_ && now < *wished_ + between_wishes) return;
        wished_ = now;
        if (auto const begun = begin(); !begun && !next_)
            return log::error(component, "no new key can be made: " + begun.error().message());
    }
    if (!next_) return;
    nonce_ = nonce.octets;
    asked_ = now;
    on_news_();
}

void key_keeper::hear(proto::key_answer const& answer)
{
    if (!next_ || with_next_) return;
    if (answer.is == proto::key_answer::verdict::later) return;
    if (answer.is == proto::key_answer::verdict::taken) {
        with_next_ = new_login_ = true;
        tried_other_ = false;
        return;
    }
    log::error(component, "the new key is refused, and thrown away: " + answer.reason);
    auto const gone = disk_.remove(folder_ / next_file);
    if (gone || firmware::is_absent(gone.error())) next_.reset();
}

std::optional<proto::to_controller> key_keeper::take_words(probe_id self, steady_time now)
{
    if (!next_ || with_next_) return std::nullopt;
    if (!nonce_) {
        if (asked_ && now < *asked_ + ask_again) return std::nullopt;
        asked_ = now;
        return proto::key_wish{};
    }
    auto const octets = proto::signed_octets_of_key_change(*std::exchange(nonce_, std::nullopt), self,
                                                           current_.shared(), next_->shared());
    auto by_old = current_.sign(octets), by_new = next_->sign(octets);
    if (!by_old || !by_new) return std::nullopt;
    return proto::key_change{next_->shared(), std::move(*by_old), std::move(*by_new)};
}

}  // namespace tp::probe
