#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/time.hpp"
#include "probe/schedule/schedule.hpp"
#include "proto/job.hpp"

namespace tp::probe {

using namespace std::chrono_literals;

/// A folder of its own for one test, removed with it.
class temporary_folder {
public:
    temporary_folder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "tp-probe-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
        path_ = name;
    }
    temporary_folder(temporary_folder const&) = delete;
    temporary_folder& operator=(temporary_folder const&) = delete;
    ~temporary_folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline measurement_id msm(std::int64_t number)
{
    return measurement_id::from(number).value();
}

/// 2023-11-14 22:13:20 UTC, and some moment of the steady clock.
inline clocks const start_of_test{from_unix_seconds(1'700'000'000), steady_time{} + std::chrono::hours{100}};

inline clocks operator+(clocks at, std::chrono::nanoseconds passed)
{
    return {at.wall + passed, at.steady + passed};
}

inline proto::job ping_job(std::int64_t measurement, proto::timetable when)
{
    return {msm(measurement),     proto::family::v4, "192.0.2.1", parse_address("192.0.2.1").value(), when,
            proto::ping_options{}};
}

}  // namespace tp::probe
