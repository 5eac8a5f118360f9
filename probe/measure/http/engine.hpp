#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "probe/guard/guard.hpp"
#include "probe/measure/engine.hpp"
#include "probe/measure/http/run.hpp"
#include "probe/measure/net/tls_stream.hpp"

namespace tp::probe {

/// HTTP and HTTPS to anchors.
/// @param asked, tls  must outlive the engine.
std::unique_ptr<engine> make_http_engine(boost::asio::any_io_executor executor, guard& asked, tls_context& tls,
                                         http_limits limits = {});

}  // namespace tp::probe
