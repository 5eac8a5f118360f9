#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>

#include "probe/guard/guard.hpp"
#include "probe/measure/engine.hpp"

namespace tp::probe {

/// The engine that asks time servers. @param asked  is asked before every packet; must outlive the engine.
std::unique_ptr<engine> make_ntp_engine(boost::asio::any_io_executor executor, guard& asked, std::uint64_t seed);

}  // namespace tp::probe
