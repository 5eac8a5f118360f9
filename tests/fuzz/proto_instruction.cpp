#include "proto/instruction.hpp"
#include "tests/fuzz/proto_round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    tp::proto::round_trip<tp::proto::decode_instruction>(data, size);
    return 0;
}
