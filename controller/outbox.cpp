#include "controller/outbox.hpp"

#include <algorithm>

namespace tp::controller {

bool outbox::put(own what)
{
    if (what.frame.size() > most_octets - octets_) return false;
    octets_ += what.frame.size();
    waiting_.emplace_back(std::move(what));
    return true;
}

void outbox::drop_news()
{
    std::erase_if(waiting_, [this](auto const& each) {
        auto const* const frame = std::get_if<own>(&each);
        if (frame == nullptr || !frame->news) return false;
        octets_ -= frame->frame.size();
        return true;
    });
}

void outbox::add(document_ptr document)
{
    for (auto& each : waiting_) {
        auto* const older = std::get_if<under_way>(&each);
        if (older == nullptr || older->document->name != document->name) continue;
        *older = {std::move(document), 0};
        return;
    }
    waiting_.emplace_back(under_way{std::move(document), 0});
}

bool outbox::next_is_document() const noexcept
{
    return !waiting_.empty() && std::holds_alternative<under_way>(waiting_.front());
}

bool outbox::has_documents() const noexcept
{
    return std::any_of(waiting_.begin(), waiting_.end(),
                       [](auto const& each) { return std::holds_alternative<under_way>(each); });
}

std::optional<std::string> outbox::take()
{
    if (waiting_.empty()) return std::nullopt;
    if (auto* const sent = std::get_if<under_way>(&waiting_.front())) {
        auto const document = sent->document;
        auto const frame = sent->next++;
        if (sent->next == document->frames.size()) waiting_.pop_front();
        return document->frames[frame];
    }
    auto frame = std::move(std::get<own>(waiting_.front()).frame);
    waiting_.pop_front();
    octets_ -= frame.size();
    return frame;
}

void outbox::drop_documents()
{
    std::erase_if(waiting_, [](auto const& each) { return std::holds_alternative<under_way>(each); });
}

void outbox::clear()
{
    std::deque<std::variant<own, under_way>>().swap(waiting_);
    octets_ = 0;
}

}  // namespace tp::controller
