#pragma once

#include "base/error.hpp"
#include "proto/job.hpp"

namespace tp::probe {

/// What a raw socket lets through, decided in the kernel: answers to traceroutes of ours, by the top bit of echo
/// identifiers and by our range of source ports (plan.hpp). Errors: those of setsockopt(2).
result<void> filter_icmp(int fd, proto::family af);
/// For TCP and UDP.
result<void> filter_ports(int fd, proto::family af);
/// Nothing at all: for sockets that only send.
result<void> filter_everything(int fd);

}  // namespace tp::probe
