#include "registry/trust/machine.hpp"

#include <algorithm>
#include <vector>

namespace tp::registry {
namespace {

using enum store::trust_state;
using actor = store::trust_actor;
using event = store::trust_event;

constexpr standing held{isolated, true};

class rule_list {
public:
    void add(event what, actor who, std::initializer_list<standing> from, standing to)
    {
        for (auto const& each : from) rules_.push_back({what, who, each, to});
    }
    /// Something that happens to a probe and leaves its trust as it was.
    void keep(event what, actor who, std::initializer_list<standing> where)
    {
        for (auto const& each : where) rules_.push_back({what, who, each, each});
    }
    std::vector<trust_rule> take() { return std::move(rules_); }

private:
    std::vector<trust_rule> rules_;
};

std::vector<trust_rule> all_rules()
{
    rule_list out;
    // Becoming known. A claim code is its host's; the proof of the key is the login at the registry.
    out.add(event::claimed, actor::host, {{preauthorised}}, {pending});
    out.add(event::admitted, actor::registry, {{pending}}, {active});

    // What detectors find. In probation a doubt is enough; who is held waits for a person.
    out.add(event::doubted, actor::registry, {{active}}, {suspect});
    out.add(event::doubted, actor::registry, {{probation}}, {isolated});
    out.add(event::accused, actor::registry, {{active}, {suspect}, {probation}}, {isolated});
    out.add(event::cleared, actor::registry, {{suspect}, {probation}}, {active});
    out.add(event::cleared, actor::registry, {{isolated}}, {probation});

    // By hand. What a detector began, an operator can hold.
    out.add(event::isolated, actor::operator_, {{active}, {suspect}, {isolated}, {probation}}, held);
    out.add(event::released, actor::operator_, {{pending}, {suspect}, {isolated}, held, {probation}}, {active});
    out.add(event::tried, actor::operator_, {{isolated}, held}, {probation});

    // The end. A revoked key is never taken again; a retired device may come back.
    out.add(event::revoked, actor::operator_,
            {{preauthorised}, {pending}, {active}, {suspect}, {isolated}, held, {probation}, {retired}}, {revoked});
    for (auto const ending : {event::retired, event::written_off}) {
        out.add(ending, actor::operator_,
                {{preauthorised}, {pending}, {active}, {suspect}, {isolated}, held, {probation}}, {retired});
        out.add(ending, actor::host, {{pending}, {active}, {suspect}, {isolated}, held, {probation}}, {retired});
    }
    out.add(event::reinstated, actor::operator_, {{retired}}, {pending});

    // What a host does with its device neither adds trust nor washes a suspicion off.
    out.keep(event::transferred, actor::host, {{pending}, {active}, {suspect}, {isolated}, held, {probation}});
    out.add(event::reset, actor::host, {{active}}, {pending});
    out.keep(event::reset, actor::host, {{pending}, {suspect}, {isolated}, held, {probation}});
    return out.take();
}

}  // namespace

std::span<trust_rule const> trust_rules() noexcept
{
    static std::vector<trust_rule> const rules = all_rules();
    return rules;
}

std::optional<standing> after(standing now, store::trust_event event, store::trust_actor actor) noexcept
{
    auto const rules = trust_rules();
    auto const found = std::find_if(rules.begin(), rules.end(), [&](trust_rule const& rule) {
        return rule.event == event && rule.actor == actor && rule.from == now;
    });
    if (found == rules.end()) return std::nullopt;
    return found->to;
}

}  // namespace tp::registry
