#include "api/measurements/addresses.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>

#include "api/endpoint.hpp"
#include "api/measurements/resolver.hpp"
#include "api/measurements/targets.hpp"
#include "store/documents.hpp"

namespace tp::api {
namespace {

namespace asio = boost::asio;

/// For all names of one request together.
constexpr std::chrono::milliseconds resolve_limit{8'000};

/// An address, or which member is wrong, and why. Neither: the probe resolves.
struct outcome {
    std::optional<ip_address> address;
    std::string_view member;
    std::string complaint;
};

outcome refused(std::string complaint, std::string_view member = "target")
{
    return {{}, member, "target: " + std::move(complaint)};
}

/// The names of one request, each looked up once.
class name_book {
public:
    explicit name_book(context& shared) : shared_(shared) {}

    asio::awaitable<outcome> find(definition const& one)
    {
        auto const key = std::pair(one.target, one.af);
        auto known = known_.find(key);
        if (known == known_.end()) {
            auto const left = until_ - std::chrono::steady_clock::now();
            auto const limit = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(left), {});
            auto const found = co_await shared_.names.lookup(one.target, one.af, limit);
            known = known_.emplace(key, found).first;
        }
        if (!known->second && one.skip_dns_check) co_return outcome{};
        if (!known->second) co_return refused("This target cannot be resolved");
        co_return outcome{*known->second, {}, {}};
    }

private:
    context& shared_;
    std::chrono::steady_clock::time_point until_ = std::chrono::steady_clock::now() + resolve_limit;
    std::map<std::pair<std::string, proto::family>, result<ip_address>> known_;
};

outcome address_of_anchor(store::anchor_entry const& anchor, definition const& one)
{
    auto const port = std::get<proto::http_options>(one.options).port;
    if (std::find(anchor.ports.begin(), anchor.ports.end(), port) == anchor.ports.end())
        return {{}, "port", "This anchor does not serve HTTP at this port."};
    if (auto const address = parse_address(one.target)) return {*address, {}, {}};
    if (one.resolve_on_probe) return {};
    auto const of_family = [&](ip_address const& each) { return each.is_v6() == (one.af == proto::family::v6); };
    auto const found = std::find_if(anchor.addresses.begin(), anchor.addresses.end(), of_family);
    if (found == anchor.addresses.end()) return refused("This anchor has no address of this family");
    return {*found, {}, {}};
}

/// By the published list, without asking the DNS. The probe looks at its own copy again.
asio::awaitable<result<outcome>> find_anchor_address(context& shared, definition const& one)
{
    auto const id = co_await store::anchor_of(shared.database, one.target);
    if (!id && id.error() != errc::not_found) co_return id.error();
    if (!id) co_return refused("This target is not an anchor");
    auto const anchor = co_await store::find_anchor(shared.database, *id);
    if (!anchor) co_return anchor.error();
    co_return address_of_anchor(anchor->says, one);
}

asio::awaitable<result<outcome>> find_address(context& shared, definition const& one, name_book& names)
{
    if (one.target.empty()) co_return outcome{};
    if (std::holds_alternative<proto::http_options>(one.options)) co_return co_await find_anchor_address(shared, one);
    if (auto const address = parse_address(one.target)) co_return outcome{*address, {}, {}};
    if (one.resolve_on_probe) co_return outcome{};
    co_return co_await names.find(one);
}

}  // namespace

std::string words_of(store::target_refusal const& why)
{
    if (why.blocked_by)
        return "The holder of this target has asked not to be measured (abuse case " + why.blocked_by->text() + ").";
    auto const number = [](double rate) {
        std::array<char, 32> text{};
        auto const written = std::snprintf(text.data(), text.size(), "%.1f", rate);
        return std::string(text.data(), static_cast<std::size_t>(std::max(written, 0)));
    };
    return "All probes together may send at most " + number(why.most) + " packets a second towards " + why.of + ". " +
           number(why.running) + " are planned already, this would add " + number(why.wanted) + '.';
}

std::string pointer_to_definition(std::size_t index, std::string_view member)
{
    return "/definitions/" + std::to_string(index) + '/' + std::string(member);
}

asio::awaitable<result<std::vector<std::optional<ip_address>>>> resolve_targets(context& shared, creation const& wanted,
                                                                                std::vector<fault>& faults)
{
    name_book names(shared);
    std::vector<std::optional<ip_address>> out;
    for (std::size_t i = 0; i < wanted.definitions.size(); ++i) {
        auto found = co_await find_address(shared, wanted.definitions[i], names);
        if (!found) co_return found.error();
        if (found->address && is_special(*found->address) && !shared.limits.allow_special_targets)
            *found = refused("Addresses in special-purpose space cannot be measured");
        if (!found->complaint.empty())
            faults.push_back(
                {pointer_to_definition(i, found->member), std::move(found->complaint), fault::place::body});
        out.push_back(found->address);
    }
    co_return std::move(out);
}

}  // namespace tp::api
