#pragma once

#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "proto/codec.hpp"
#include "store/pool.hpp"

/// For this folder only: rows that several statements answer alike.
namespace tp::store {

/// Of the first column.
inline result<std::vector<probe_id>> probe_ids_from(result<rows> const& found)
{
    if (!found) return found.error();
    std::vector<probe_id> out;
    for (int row = 0; row < found->count(); ++row) {
        auto const id = probe_id::from(found->integer(row, 0));
        if (!id) return id.error();
        out.push_back(*id);
    }
    return out;
}

/// Jobs of the platform's own measurements: number, job, and a word for what it asks. Job is made of the last two.
template <class Job>
result<std::vector<Job>> platform_jobs_from(result<rows> const& found)
{
    if (!found) return found.error();
    std::vector<Job> out;
    for (int row = 0; row < found->count(); ++row) {
        auto const id = measurement_id::from(found->integer(row, 0));
        if (!id) return id.error();
        auto job = proto::decode_job(found->octets(row, 1));
        if (!job) return job.error();
        job->measurement = *id;
        out.push_back({std::move(*job), found->text(row, 2)});
    }
    return out;
}

}  // namespace tp::store
