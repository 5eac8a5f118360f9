#include "probe/agent/caps_text.hpp"

#include "probe/agent/host_log.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t name_width = 34, value_width = 16;  // letters

std::string padded(std::string text, std::size_t width)
{
    if (text.size() < width) text.resize(width, ' ');
    return text + ' ';
}

template <class T>
std::string number(std::optional<T> const& limit)
{
    return limit ? std::to_string(*limit) : "no limit";
}

class table {
public:
    void row(std::string name, std::string value, std::string remark = "")
    {
        auto line = padded(std::move(name), name_width) + padded(std::move(value), value_width) + std::move(remark);
        line.erase(line.find_last_not_of(' ') + 1);
        out_ += line + '\n';
    }
    /// A cap, and whether the platform lowered it.
    template <class T>
    void cap(std::string name, T const& host, T const& holds)
    {
        row(std::move(name), number(std::optional(holds)), host == holds ? "" : "lowered by the platform");
    }
    template <class T>
    void cap(std::string name, std::optional<T> const& host, std::optional<T> const& holds)
    {
        row(std::move(name), number(holds), host == holds ? "" : "lowered by the platform");
    }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
};

void add_type(table& out, std::string const& name, type_caps const& host, type_caps const& holds)
{
    if (!holds.allowed) return out.row(name, "not allowed", host.allowed ? "refused by the platform" : "");
    out.row(name, "allowed");
    if (holds.packets_per_second) out.row("  packets per second", number(holds.packets_per_second));
    if (holds.bits_per_second) out.row("  bits per second", number(holds.bits_per_second));
    if (holds.jobs_at_once) out.row("  jobs at once", number(holds.jobs_at_once));
}

std::string used_text(kept_day const& day, std::optional<local_moment> today)
{
    bool const of_today = !today || today->day == day.used.day;
    return std::to_string(of_today ? day.used.octets : 0);
}

}  // namespace

std::string caps_text(caps const& host, proto::cap_limits const& platform, kept_day const& day,
                      std::optional<local_moment> today)
{
    auto const holds = lowered(host, platform);
    table out;
    out.cap("packets per second", host.packets_per_second, holds.packets_per_second);
    out.cap("bits per second", host.bits_per_second, holds.bits_per_second);
    out.cap("bytes a day", host.bytes_per_day, holds.bytes_per_day);
    out.row("  used today", used_text(day, today),
            day.at == wall_time{} ? "nothing was written down yet" : "as of " + log_time(day.at));
    out.cap("jobs at once", host.jobs_at_once, holds.jobs_at_once);
    out.cap("shortest interval, seconds", host.shortest_interval.count(), holds.shortest_interval.count());
    out.cap("largest payload, bytes", host.largest_size, holds.largest_size);
    out.cap("largest HTTP body, bytes", host.http_body_bytes, holds.http_body_bytes);
    auto const now = !today ? "the clock is not set" : holds.quiet.hold(today) ? "now" : "not now";
    out.row("quiet hours", holds.quiet.empty() ? "none" : holds.quiet.text(), holds.quiet.empty() ? "" : now);
    for (std::size_t i = 0; i < proto::kind_names.size(); ++i)
        add_type(out, std::string(proto::kind_names[i].capability), host.types[i], holds.types[i]);
    return out.take();
}

}  // namespace tp::probe
