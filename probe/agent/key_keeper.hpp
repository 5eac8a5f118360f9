#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/ssh/keys.hpp"
#include "base/time.hpp"
#include "probe/firmware/disk.hpp"
#include "proto/messages.hpp"

namespace tp::probe {

/// The probe's key, and the next one while it changes. Every step may be cut off anywhere and is simply done again:
/// files are replaced as a whole, and the platform takes both keys until the next one has logged in, when the old one
/// dies there and then here.
class key_keeper {
public:
    static constexpr char const* key_file = "key";             // in the state folder; mode 0600
    static constexpr char const* next_file = "key.next";       // likewise
    static constexpr char const* request_file = "rotate-key";  // the host wishes another key
    static constexpr std::chrono::seconds look_every{1};
    static constexpr std::chrono::minutes ask_again{10};    // when a controller did not answer, or not yet
    static constexpr std::chrono::hours between_wishes{1};  // of the platform: more of them are passed over
    static constexpr std::size_t largest_file = 16 * 1024;  // octets

    /// @param on_news  there is something to be said to the controller, or a new session to be begun.
    key_keeper(firmware::disk& disk, std::filesystem::path folder, ssh::private_key current,
               std::function<void()> on_news);

    /// Looks and does what is due, until cancelled.
    boost::asio::awaitable<void> run();
    void look(steady_time now);

    /// With which to log in now.
    ssh::private_key const& login() const noexcept { return with_next_ ? *next_ : current_; }
    /// It is the next one, which is nobody's yet: it claims nothing.
    bool with_next() const noexcept { return with_next_; }

    /// login() was taken by a registry or a controller.
    void logged_in();
    /// A session with the current key began, or ended.
    void session(bool open) noexcept;
    /// login() is unknown. True: another one is there, and worth to be tried at once.
    bool turned_down();
    /// The session is to be ended for one with login(). Once.
    bool take_new_login() noexcept { return std::exchange(new_login_, false); }

    void hear(proto::key_nonce const& nonce, steady_time now);
    void hear(proto::key_answer const& answer);
    /// What the controller is to be told now, if anything. To be asked in a session.
    std::optional<proto::to_controller> take_words(probe_id self, steady_time now);

private:
    result<void> begin();
    result<void> keep_next(ssh::private_key const& key);
    void finish();
    result<void> replace_current();
    bool host_asks() const;
    result<void> find_next();

    firmware::disk& disk_;
    std::filesystem::path folder_;
    ssh::private_key current_;
    std::optional<ssh::private_key> next_;
    std::function<void()> on_news_;
    std::optional<std::string> nonce_;
    std::optional<steady_time> asked_, wished_;  // a controller, by us; and by the platform
    bool with_next_ = false;                     // the next one logs in
    bool proven_ = false;                        // and it did: the current one is dead
    bool tried_other_ = false;                   // since a login went well
    bool in_session_ = false, new_login_ = false;
    std::string last_trouble_;
};

}  // namespace tp::probe
