#include "probe/link/registry_call.hpp"

#include "base/coroutine.hpp"
#include "base/ssh/client.hpp"
#include "proto/codec.hpp"

namespace tp::probe {

boost::asio::awaitable<result<proto::from_registry>> ask_registry(registry_question question)
{
    ssh::dial_options options{
        .host_keys = std::move(question.host_keys), .key = std::move(question.key), .subsystem = "trigpoint-registry"};
    auto dialled = co_await ssh::dial(std::move(question.to), std::move(options));
    if (!dialled) co_return dialled.error();
    auto const channel = std::move(*dialled);
    auto frame = proto::encode(proto::to_registry(std::move(question.hello)));
    auto const written = co_await channel->write(std::move(frame));
    if (!written) co_return written.error();
    auto const answer = co_await within(registry_answer_limit, channel->read());
    channel->close();
    if (!answer) co_return answer.error();
    co_return proto::decode_from_registry(*answer);
}

}  // namespace tp::probe
