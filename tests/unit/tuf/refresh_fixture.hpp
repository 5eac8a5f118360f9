#pragma once

#include <gtest/gtest.h>

#include "tests/unit/tuf/repository.hpp"

namespace tp::tuf {

/// A repository that a test bends, and a client that updates from it.
class TufRefresh : public testing::Test {
protected:
    std::vector<std::string> kept_names() const
    {
        std::vector<std::string> out;
        for (auto const& [name, octets] : client_.kept) out.push_back(name);
        return out;
    }

    /// After a failure the repository does right again, and the next update works.
    void expect_recovery() { EXPECT_EQ(client_.refresh_now(), error_code()); }

    test::repository repository_;
    test::client_world client_{repository_};
};

/// Snapshot and timestamp state hashes of what they list, or do not.
class TufRefreshHashedOrNot : public TufRefresh, public testing::WithParamInterface<bool> {
protected:
    TufRefreshHashedOrNot() { repository_.hashes = GetParam(); }
};

}  // namespace tp::tuf
