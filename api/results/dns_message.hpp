#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The little that a result tells of a DNS answer in words. Messages come from servers that may lie: every length is
/// checked, and nothing is followed but backwards.
namespace tp::api {

struct dns_head {
    std::uint16_t id = 0, questions = 0, answers = 0, authorities = 0, additional = 0;
    bool operator==(dns_head const&) const = default;
};

/// None if the message ends before.
std::optional<dns_head> parse_dns_head(std::string_view message);

struct dns_txt {
    std::vector<std::string> texts;
    bool operator==(dns_txt const&) const = default;
};
struct dns_soa {
    std::string primary, contact;  // MNAME, RNAME
    std::uint32_t serial = 0;
    bool operator==(dns_soa const&) const = default;
};

/// Names are in presentation form, without the last dot; the root is empty.
struct dns_answer {
    std::string name;
    std::uint32_t ttl = 0;
    std::variant<dns_txt, dns_soa> data;
    bool operator==(dns_answer const&) const = default;
};

/// The TXT and SOA records among the first two answers, as far as they can be read.
std::vector<dns_answer> parse_dns_answers(std::string_view message);

}  // namespace tp::api
