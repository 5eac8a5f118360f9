#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "store/hosting.hpp"

namespace tp::store {

/// A host enters a code. @param sql  asks the function that takes the hash of such a code, the account and the version
/// of the text for hosts ($1 to $3), and answers with a word and the probe's number.
boost::asio::awaitable<result<code_answer>> enter_code(database& database, std::string sql, std::string code,
                                                       account_id by, std::optional<std::string> consent);

}  // namespace tp::store
