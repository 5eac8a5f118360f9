#include "controller/documents.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "proto/codec.hpp"
#include "proto/document_parts.hpp"

namespace tp::controller {
namespace {

bool is_known(std::string_view name)
{
    return std::find(known_documents.begin(), known_documents.end(), name) != known_documents.end();
}

document_ptr frames_of(store::signed_octets const& from)
{
    auto out = std::make_shared<framed_document>();
    out->name = from.name;
    out->version = from.version;
    for (auto& part : proto::parts_of(from.name, from.octets)) {
        proto::from_controller const message = std::move(part);
        out->frames.push_back(proto::encode(message));
    }
    return out;
}

}  // namespace

std::vector<document_ptr> document_shelf::put(std::vector<store::signed_octets> const& found)
{
    std::vector<document_ptr> news;
    for (auto const& one : found) {
        if (!is_known(one.name)) continue;
        auto const here = std::find_if(documents_.begin(), documents_.end(),
                                       [&](document_ptr const& each) { return each->name == one.name; });
        if (here != documents_.end() && (*here)->version == one.version) continue;
        if (one.octets.size() > proto::document_part::largest_document) {
            log::error("controller", "the document \"" + one.name + "\", version " + std::to_string(one.version) +
                                         ", is too large for probes: they are not given it");
            continue;
        }
        news.push_back(frames_of(one));
        if (here != documents_.end())
            *here = news.back();
        else
            documents_.push_back(news.back());
    }
    return news;
}

std::vector<document_ptr> lacking(std::vector<document_ptr> const& all, std::vector<proto::held_document> const& held)
{
    std::vector<document_ptr> out;
    for (auto const& each : all) {
        proto::held_document const same{each->name, each->version};
        if (std::find(held.begin(), held.end(), same) == held.end()) out.push_back(each);
    }
    return out;
}

}  // namespace tp::controller
