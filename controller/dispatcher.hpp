#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "controller/dispatch.hpp"
#include "controller/documents.hpp"
#include "controller/instruction_rounds.hpp"
#include "controller/relay/relay.hpp"
#include "controller/sessions.hpp"
#include "proto/messages.hpp"
#include "store/change_feed.hpp"
#include "store/database.hpp"
#include "store/fleet.hpp"

namespace tp::controller {

/// What a probe is told that may not (or no longer) hold a session here. @pre the verdict is not `granted`.
proto::refuse refusal_for(store::admitted const& judged);

/// Carries changes from the feed to the sessions that they concern, and holds the documents that all of them are given.
class dispatcher {
public:
    dispatcher(boost::asio::any_io_executor executor, store::database& database, controller_id self, sessions& present,
               relay& files, instruction_rounds& instructions)
        : executor_(executor),
          database_(database),
          self_(self),
          sessions_(present),
          files_(files),
          instructions_(instructions)
    {
    }

    /// The handler of the change feed. Errors: as store; the same changes may then come again, which does no harm.
    boost::asio::awaitable<result<void>> take(std::vector<store::change> changes);

    /// Reads the newest documents again, and gives those that are new to all sessions. Errors: as store.
    boost::asio::awaitable<result<void>> read_documents();

    std::vector<document_ptr> const& documents() const noexcept { return shelf_.all(); }
    recent_changes const& recent() const noexcept { return recent_; }

private:
    boost::asio::awaitable<result<void>> check(probe_id probe);
    boost::asio::awaitable<result<void>> spread(measurement_id measurement);
    static boost::asio::awaitable<void> renew_jobs(store::database& database, std::shared_ptr<session> of);

    boost::asio::any_io_executor executor_;
    store::database& database_;
    controller_id self_;
    sessions& sessions_;
    relay& files_;
    instruction_rounds& instructions_;
    recent_changes recent_;
    document_shelf shelf_;
};

}  // namespace tp::controller
