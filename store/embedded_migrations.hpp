#pragma once

#include <string>
#include <vector>

namespace tp::store {

/// A file of store/migrations/, compiled in. Numbers rise by one.
struct embedded_migration {
    int number;
    std::string name;
    std::string sql;
};

std::vector<embedded_migration> const& embedded_migrations();

}  // namespace tp::store
