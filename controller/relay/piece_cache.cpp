#include "controller/relay/piece_cache.hpp"

namespace tp::controller {

piece_ptr piece_cache::find(piece_key key)
{
    auto const found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return found->second->piece;
}

void piece_cache::put(piece_key key, piece_ptr piece)
{
    if (piece->size() > most_ || by_key_.contains(key)) return;
    octets_ += piece->size();
    by_use_.push_front({key, std::move(piece)});
    by_key_.emplace(key, by_use_.begin());
    while (octets_ > most_) {
        auto const& oldest = by_use_.back();
        octets_ -= oldest.piece->size();
        by_key_.erase(oldest.key);
        by_use_.pop_back();
    }
}

}  // namespace tp::controller
