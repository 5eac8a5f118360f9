#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "probe/guard/guard.hpp"
#include "probe/measure/engine.hpp"
#include "probe/measure/net/tls_stream.hpp"
#include "probe/measure/tls/run.hpp"

namespace tp::probe {

/// The certificates that TLS servers show (Atlas `sslcert`).
/// @param asked, tls  must outlive the engine.
std::unique_ptr<engine> make_tls_engine(boost::asio::any_io_executor executor, guard& asked, tls_context& tls,
                                        tls_limits limits = {});

}  // namespace tp::probe
