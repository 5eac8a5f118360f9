#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/ids.hpp"
#include "base/ssh/keys.hpp"
#include "store/database.hpp"
#include "store/trust.hpp"

/// A probe changes its key. Until the next one has logged in, both are good; then the old one is dead for ever.
namespace tp::store {

/// What a key is to the probe that it names.
enum class key_standing { current, pending, replaced };

enum class key_offer {
    taken,    // it may log in from now on; the same answer again for the same key
    known,    // it is or was somebody's
    not_now,  // `from` is not the probe's key any more, or the probe may not connect
};
/// The probe's next key, which both keys signed for.
boost::asio::awaitable<result<key_offer>> offer_key(database& database, probe_id probe, ssh::public_key from,
                                                    ssh::public_key to);

/// A pending key has logged in: it takes the old one's place. Errors: errc::conflict, for one that is neither pending
/// nor its probe's own.
boost::asio::awaitable<result<void>> adopt_key(database& database, ssh::public_key key);

enum class key_wish_outcome { wanted, forbidden, not_possible };
/// By its host or an operator: the probe is asked for a new key, now or in its next session. Errors: errc::not_found.
boost::asio::awaitable<result<key_wish_outcome>> want_new_key(database& database, probe_id probe, trust_actor as,
                                                              account_id by);

}  // namespace tp::store
