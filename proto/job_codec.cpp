#include "proto/fields.hpp"

namespace tp::proto {
namespace {

void write(timetable const& from, v1::Timetable& to)
{
    to.set_start_ns(to_wire(from.start));
    if (from.stop) to.set_stop_ns(to_wire(*from.stop));
    if (from.interval) to.set_interval_ms(to_wire(*from.interval));
    to.set_spread_ms(to_wire(from.spread));
}

timetable read_timetable(field_reader& in, v1::Timetable const& from)
{
    using t = timetable;
    t out{.start = in.time(from.start_ns()), .stop = {}, .interval = {}, .spread = in.span(from.spread_ms())};
    in.require(out.spread <= t::longest_interval);
    if (from.has_stop_ns()) out.stop = in.time(from.stop_ns());
    if (from.interval_ms() != 0)
        out.interval = in.within(in.span(from.interval_ms()), t::shortest_interval, t::longest_interval);
    return out;
}

}  // namespace

void write(job const& from, v1::Job& to)
{
    to.set_measurement(from.measurement.value());
    to.set_af(to_wire(from.af));
    to.set_target(from.target);
    to.set_address(octets_of(from.address));
    write(from.when, *to.mutable_when());
    write(from.options, to);
}

result<job> read_job(v1::Job const& from)
{
    if (from.options_case() == v1::Job::OPTIONS_NOT_SET) return errc::unsupported;
    field_reader in;
    in.require(from.has_when());
    job out{.measurement = in.id<measurement_id>(from.measurement()),
            .af = in.read_family(from.af()),
            .target = in.text(from.target(), job::longest_target),
            .address = in.address(from.address()),
            .when = read_timetable(in, from.when()),
            .options = read_options(in, from)};
    in.require(!out.target.empty() || !needs_target(out.options));
    in.require(!out.address || out.address->is_v4() == (out.af == family::v4));
    return in.finish(std::move(out));
}

std::string encode(job const& value)
{
    v1::Job out;
    write(value, out);
    return out.SerializeAsString();
}

result<job> decode_job(std::string_view octets)
{
    auto const message = parse<v1::Job>(octets, largest_frame);
    if (!message) return message.error();
    return read_job(*message);
}

}  // namespace tp::proto
