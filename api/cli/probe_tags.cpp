#include "api/cli/probe_tags.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/cli/json.hpp"

namespace tp::cli {
namespace {

std::vector<std::string> tags_of(boost::json::value const& probe)
{
    std::vector<std::string> out;
    auto const* const object = probe.if_object();
    auto const* const list = object == nullptr ? nullptr : list_in(*object, "tags");
    if (list == nullptr) return out;
    for (auto const& each : *list) {
        auto const* const tag = each.if_object();
        auto slug = tag == nullptr ? std::string() : text_in(*tag, "slug");
        if (!slug.empty() && !slug.starts_with("system")) out.push_back(std::move(slug));
    }
    return out;
}

bool has(std::vector<std::string> const& tags, std::string const& one)
{
    return std::find(tags.begin(), tags.end(), one) != tags.end();
}

}  // namespace

boost::json::array tags_after(boost::json::value const& probe, std::vector<std::string> const& add,
                              std::vector<std::string> const& remove)
{
    auto tags = tags_of(probe);
    std::erase_if(tags, [&](auto const& each) { return has(remove, each); });
    for (auto const& each : add) {
        if (!has(tags, each)) tags.push_back(each);
    }
    boost::json::array out;
    for (auto const& each : tags) out.emplace_back(each);
    return out;
}

}  // namespace tp::cli
