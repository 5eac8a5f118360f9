#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/ssh/keys.hpp"
#include "probe/agent/configuration.hpp"
#include "probe/agent/firmware_keeper.hpp"
#include "probe/agent/kept.hpp"
#include "probe/agent/key_keeper.hpp"
#include "probe/agent/known_places.hpp"
#include "probe/agent/machine.hpp"
#include "probe/agent/measuring.hpp"
#include "probe/link/controller_session.hpp"
#include "probe/link/dialling.hpp"
#include "probe/measure/resolve/resolver.hpp"
#include "probe/update/updater.hpp"
#include "proto/messages.hpp"

namespace tp::probe {

/// The talking half of the agent: registry, then controllers, and again. What it decides stands in `dialling`.
class linking final : public session_events {
public:
    linking(boost::asio::any_io_executor executor, configuration const& from, kept_files files, std::uint32_t boot,
            key_keeper& keys, spool& results, measuring& measures, firmware_keeper& firmware, update::updater& updates,
            known_places& places);

    /// Keeps in touch until cancelled.
    boost::asio::awaitable<void> run();
    /// To be called once run() has ended: ends look-ups.
    void finish() { resolver_.cancel(); }
    /// Results or events are there to be sent.
    void notify() { session_.notify(); }
    /// Officers signed other places: a session with a controller that is none of them ends.
    void places_changed();

private:
    void on_welcome(proto::welcome const& said) override;
    void on_jobs(std::vector<proto::job> jobs) override { measures_.set_jobs(std::move(jobs)); }
    void on_job_change(proto::job_change change) override { measures_.change_jobs(std::move(change)); }
    void on_limits(proto::cap_limits limits) override { measures_.set_platform_limits(std::move(limits)); }
    void on_document(result<std::string> document) override { measures_.take_document(std::move(document)); }
    void on_blocks(result<std::string> list) override { measures_.take_blocks(std::move(list)); }
    void on_contact() override { measures_.contact(); }
    std::vector<proto::event> take_events() override { return measures_.take_events(); }
    std::optional<proto::signed_report> take_report() override;
    void on_key_nonce(proto::key_nonce const& nonce) override;
    void on_key_answer(proto::key_answer const& answer) override;
    std::optional<proto::to_controller> take_key_words() override;
    void on_report_taken(std::uint64_t number) override;
    void on_instruction(proto::signed_instruction what) override { updates_.take(std::move(what)); }
    std::optional<proto::file_request> take_file_request() override { return updates_.take_request(); }
    void on_file_part(proto::file_part part) override { updates_.take(std::move(part)); }

    boost::asio::awaitable<void> ask(std::size_t registry);
    boost::asio::awaitable<result<proto::from_registry>> question(std::size_t registry);
    boost::asio::awaitable<void> hold_session(std::size_t controller);
    boost::asio::awaitable<void> converse(session_dial dial, session_end& end);
    boost::asio::awaitable<void> refresh();
    boost::asio::awaitable<std::vector<boost::asio::ip::tcp::endpoint>> endpoints_of(std::vector<host_port> list);
    void take_answer(proto::from_registry const& answer, std::string const& who);
    void take_end(session_end const& end, std::string const& who);
    void keep_assignment();
    proto::software software() const;
    local_addresses own_addresses() const;
    void say(std::string line);

    boost::asio::any_io_executor executor_;
    configuration const& configuration_;
    kept_files files_;
    std::uint32_t boot_;
    key_keeper& keys_;
    std::optional<ssh::private_key> session_key_;  // with which the session was begun
    measuring& measures_;
    firmware_keeper& firmware_;
    update::updater& updates_;
    known_places& places_;
    resolver resolver_;
    dialling dialling_;
    controller_session session_;
    std::vector<ip_address> peers_;  // registries that were dialled: which addresses of ours reach them
    std::string current_;            // the controller, for the log
    std::optional<proto::controller_place> in_session_;
    std::string last_line_;
};

}  // namespace tp::probe
