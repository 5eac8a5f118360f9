#include "probe/measure/net/message_batch.hpp"

#include <cerrno>

namespace tp::probe {

message_batch::message_batch() : slots_(std::make_unique_for_overwrite<slot[]>(most)), headers_{}
{
    for (std::size_t i = 0; i < most; ++i) {
        auto& one = slots_[i];
        one.part = {one.octets.data(), one.octets.size()};
        headers_[i].msg_hdr.msg_name = &one.from;
        headers_[i].msg_hdr.msg_iov = &one.part;
        headers_[i].msg_hdr.msg_iovlen = 1;
        headers_[i].msg_hdr.msg_control = one.control.data();
    }
}

result<std::size_t> message_batch::receive(int fd, int flags)
{
    for (auto& one : headers_) {  // the kernel wrote there what the last ones took
        one.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
        one.msg_hdr.msg_controllen = control_room;
    }
    int const got = ::recvmmsg(fd, headers_.data(), most, flags | MSG_DONTWAIT, nullptr);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::size_t{0};
    return error_code(errno, boost::system::system_category());
}

std::span<std::uint8_t const> message_batch::octets(std::size_t number) const
{
    return {slots_[number].octets.data(), headers_[number].msg_len};
}

ancillary message_batch::with(std::size_t number)
{
    return read_ancillary(headers_[number].msg_hdr);
}

}  // namespace tp::probe
