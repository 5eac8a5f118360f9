#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/log_budget.hpp"
#include "base/ssh/channel.hpp"
#include "controller/deliveries.hpp"
#include "controller/dispatcher.hpp"
#include "controller/farewells.hpp"
#include "controller/intake.hpp"
#include "controller/relay/relay.hpp"
#include "controller/session_allowance.hpp"
#include "controller/sessions.hpp"
#include "proto/messages.hpp"
#include "store/database.hpp"

namespace tp::controller {

inline constexpr std::string_view subsystem = "trigpoint-controller";
inline constexpr std::chrono::seconds hello_limit{10};     // from login to the hello
inline constexpr std::chrono::seconds answer_limit{10};    // for a last frame to leave
inline constexpr std::chrono::seconds wait_when_busy{10};  // jittered up to twice of it

struct terms {
    std::uint32_t capacity = 10'000;
    std::chrono::seconds keepalive{20};
    proto::cap_limits probe_caps;  // what probes are asked to stay below
    rate delivery_rate = usual_delivery_rate;
};

/// The controller's side of a session: hello, admission, job list, then results and events until it ends.
class host {
public:
    struct parts {
        store::database& database;
        sessions& present;
        dispatcher& changes;
        intake& results;
        farewells& endings;
        relay& files;
    };

    host(boost::asio::any_io_executor executor, parts connected, controller_id self, terms agreed, std::uint64_t seed)
        : executor_(executor),
          parts_(connected),
          self_(self),
          terms_(std::move(agreed)),
          random_(seed),
          deliveries_(terms_.delivery_rate)
    {
    }

    /// Serves one session to its end.
    boost::asio::awaitable<void> serve(std::shared_ptr<ssh::channel> channel);
    /// Sends keepalives, ends silent sessions, and forgets who delivered how much, until cancelled.
    boost::asio::awaitable<void> watch();

private:
    /// Who may come in: with this protocol version, as of this state of the feed.
    struct guest {
        probe_id probe;
        store::trust_state trust{};
        proto::software runs;
        std::vector<proto::held_document> holds;
        unsigned version = 0;
        std::uint32_t boot_count = 0;
        recent_changes::mark as_of = 0;
        bool key_wanted = false;
    };
    using greeting = std::variant<guest, proto::from_controller>;  // or what is said to those who may not

    boost::asio::awaitable<greeting> greet(std::shared_ptr<ssh::channel> channel);
    boost::asio::awaitable<greeting> admit(ssh::public_key key, proto::controller_hello hello);
    bool has_room_for(probe_id probe) const;
    boost::asio::awaitable<void> turn_away(std::shared_ptr<ssh::channel> channel, proto::from_controller answer);
    boost::asio::awaitable<void> dismiss(std::shared_ptr<session> own, proto::from_controller last);
    boost::asio::awaitable<void> attend(std::shared_ptr<session> own, guest admitted);
    boost::asio::awaitable<bool> still_admitted(std::shared_ptr<session> own, recent_changes::mark as_of);
    boost::asio::awaitable<result<void>> tell_terms(std::shared_ptr<session> own, unsigned version);
    boost::asio::awaitable<result<void>> tell_instruction(std::shared_ptr<session> own);
    boost::asio::awaitable<result<void>> start(std::shared_ptr<session> own, guest admitted);
    boost::asio::awaitable<std::string> converse(std::shared_ptr<session> own);
    boost::asio::awaitable<void> take(std::shared_ptr<session> own, proto::to_controller message,
                                      session_allowance& left);
    boost::asio::awaitable<void> take_results(std::shared_ptr<session> own, proto::result_batch batch);
    boost::asio::awaitable<void> take_events(std::shared_ptr<session> own, proto::events events,
                                             session_allowance& left);
    boost::asio::awaitable<void> take_key(std::shared_ptr<session> own, proto::key_change change);
    boost::asio::awaitable<void> take_report(std::shared_ptr<session> own, proto::signed_report report,
                                             session_allowance& left);
    proto::wait not_now(std::string reason);

    boost::asio::any_io_executor executor_;
    parts parts_;
    controller_id self_;
    terms terms_;
    std::mt19937_64 random_;
    deliveries deliveries_;
    log_budget refusals_{{}};
};

}  // namespace tp::controller
