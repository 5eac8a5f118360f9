#pragma once

#include <string>

#include "api/errors.hpp"
#include "base/time.hpp"
#include "firmware-signing/trusted_keys.hpp"
#include "store/factory.hpp"

namespace tp::api {

/// A factory list whose signatures are good.
checked<store::factory_list> judge_factory_list(std::string octets, signing::trusted_keys const& trusted,
                                                wall_time now);

}  // namespace tp::api
