#include "proto/fields.hpp"

namespace tp::proto {
namespace {

void put(v1::ToRegistry& out, registry_hello const& from)
{
    auto& to = *out.mutable_hello();
    write(from.versions, *to.mutable_versions());
    write(from.runs, *to.mutable_runs());
    to.set_boot_count(from.boot_count);
    to.set_claim_code(clean_text(from.claim_code));
    to.set_clock_ns(to_wire(from.clock));
    to.set_local_v4(octets_of(from.local_v4));
    to.set_local_v6(octets_of(from.local_v6));
}

void write(controller_place const& from, v1::ControllerPlace& to)
{
    to.set_name(clean_text(from.name));
    for (auto const& address : from.addresses) to.add_addresses(clean_text(address));
    for (auto const& key : from.host_keys) to.add_host_keys(key.base64());
}

void put(v1::FromRegistry& out, assignment const& from)
{
    auto& to = *out.mutable_assignment();
    to.set_version(from.version);
    to.set_probe(from.probe.value());
    for (auto const& controller : from.controllers) write(controller, *to.add_controllers());
    to.set_lease_ms(to_wire(from.lease));
    to.set_ask_again_after_ms(to_wire(from.ask_again_after));
}

void put(v1::FromRegistry& out, wait const& from)
{
    write(from, *out.mutable_wait());
}

void put(v1::FromRegistry& out, refuse const& from)
{
    write(from, *out.mutable_refuse());
}

result<registry_hello> read(v1::RegistryHello const& from)
{
    field_reader in;
    registry_hello out{.versions = in.versions(from.versions()),
                       .runs = in.runs(from.runs()),
                       .boot_count = from.boot_count(),
                       .claim_code = in.text(from.claim_code()),
                       .clock = in.time(from.clock_ns()),
                       .local_v4 = in.address(from.local_v4()),
                       .local_v6 = in.address(from.local_v6())};
    in.require(!out.local_v4 || out.local_v4->is_v4());
    in.require(!out.local_v6 || out.local_v6->is_v6());
    return in.finish(std::move(out));
}

// Keys that this build cannot read are skipped: a later registry may list other types beside the one we know.
std::vector<ssh::public_key> read_host_keys(field_reader& in, v1::ControllerPlace const& from)
{
    in.at_most(from.host_keys_size(), most_host_keys);
    std::vector<ssh::public_key> out;
    for (auto const& octets : from.host_keys())
        if (auto key = ssh::public_key::parse(in.text(octets))) out.push_back(std::move(*key));
    return out;
}

controller_place read_place(field_reader& in, v1::ControllerPlace const& from)
{
    in.at_most(from.addresses_size(), most_addresses);
    in.require(from.addresses_size() > 0 && from.host_keys_size() > 0);
    controller_place out{.name = in.text(from.name()), .addresses = {}, .host_keys = read_host_keys(in, from)};
    for (auto const& address : from.addresses()) out.addresses.push_back(in.text(address));
    return out;
}

result<assignment> read(v1::Assignment const& from)
{
    constexpr std::chrono::seconds shortest{1};
    field_reader in;
    in.require(from.version() >= 1);
    in.at_most(from.controllers_size(), most_controllers);
    assignment out{.version = from.version(),
                   .probe = in.id<probe_id>(from.probe()),
                   .controllers = {},
                   .lease = in.span(from.lease_ms(), shortest),
                   .ask_again_after = in.span(from.ask_again_after_ms(), shortest)};
    for (auto const& controller : from.controllers()) {
        auto place = read_place(in, controller);
        // Without a key that we can check it is of no use to us.
        if (!place.host_keys.empty()) out.controllers.push_back(std::move(place));
    }
    in.require(!out.controllers.empty());
    return in.finish(std::move(out));
}

}  // namespace

std::string encode(to_registry const& message)
{
    v1::ToRegistry out;
    std::visit([&](auto const& body) { put(out, body); }, message);
    return out.SerializeAsString();
}

std::string encode(from_registry const& message)
{
    v1::FromRegistry out;
    std::visit([&](auto const& body) { put(out, body); }, message);
    return out.SerializeAsString();
}

result<to_registry> decode_to_registry(std::string_view body)
{
    auto const message = parse<v1::ToRegistry>(body, largest_frame);
    if (!message) return message.error();
    switch (message->body_case()) {
        case v1::ToRegistry::kHello:
            return as<to_registry>(read(message->hello()));
        case v1::ToRegistry::BODY_NOT_SET:
            break;
    }
    return errc::unsupported;
}

result<from_registry> decode_from_registry(std::string_view body)
{
    auto const message = parse<v1::FromRegistry>(body, largest_frame);
    if (!message) return message.error();
    switch (message->body_case()) {
        case v1::FromRegistry::kAssignment:
            return as<from_registry>(read(message->assignment()));
        case v1::FromRegistry::kWait:
            return as<from_registry>(read_wait(message->wait()));
        case v1::FromRegistry::kRefuse:
            return as<from_registry>(read_refuse(message->refuse()));
        case v1::FromRegistry::BODY_NOT_SET:
            break;
    }
    return errc::unsupported;
}

}  // namespace tp::proto
