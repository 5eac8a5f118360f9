#pragma once

#include "base/tls.hpp"

namespace tp::api::http {

using tp::certificate_files;
using tp::open_tls;
using tp::self_made_certificate;
using tp::self_made_days;

}  // namespace tp::api::http
