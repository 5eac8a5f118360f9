#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "probe/measure/http/head.hpp"
#include "proto/options.hpp"

namespace tp::probe {

/// Reads an HTTP answer as it comes, in pieces of any size. The body is counted, not kept. Nothing that a server sends
/// makes it keep more than `longest_line` and the header lines that were asked for.
class http_answer {
public:
    static constexpr std::size_t largest_head = 64 * 1024;  // octets, with interim answers and trailers
    static constexpr std::size_t longest_line = 8 * 1024;   // octets, also unfolded
    /// Octets of chunk lines: so many for each octet of the body beside `largest_head`. One-octet chunks need six.
    static constexpr std::size_t chunk_overhead = 8;

    struct wanted {
        proto::http_method method = proto::http_method::get;
        std::size_t body_bytes = 0;    // read no more than so many
        std::size_t header_bytes = 0;  // keep header lines of so many octets
    };
    explicit http_answer(wanted what) : wanted_(what) {}

    /// What is being waited for, or that it is over.
    enum class phase : std::uint8_t { status, headers, body, chunk, done, failed };

    /// Takes the next octets. What comes after the answer's end is passed over.
    void feed(std::string_view octets);
    /// The connection was closed.
    void end();

    phase at() const noexcept;
    bool over() const noexcept { return at() >= phase::done; }
    /// "status", "headers", "body", "chunk": for "timeout reading ...".
    std::string_view word() const noexcept;
    /// What is wrong, as Atlas words it: "bad status line: bad prefix". Empty unless failed.
    std::string const& complaint() const noexcept { return complaint_; }

    /// Of the final answer; all zero before its status line came.
    status_line const& status() const noexcept { return status_; }
    /// Octets of the header lines with their ends, without the status line and the empty line (Atlas `hsize`).
    std::size_t header_size() const noexcept { return header_size_; }
    /// Octets of the body that were read (Atlas `bsize`).
    std::size_t body_size() const noexcept { return body_size_; }
    /// There was more body than wanted.
    bool truncated() const noexcept { return truncated_; }
    /// Header lines as they came, at most most_headers of them. "[...]" ends the last if not all are kept, else the
    /// empty line is the last (as Atlas reports them).
    std::vector<std::string> const& headers() const noexcept { return headers_; }

private:
    enum class state : std::uint8_t {
        status,
        header,
        body_of_length,
        body_until_close,
        chunk_size,
        chunk_data,
        chunk_end,
        trailer,
        done,
        failed
    };

    void take_line(std::string_view& octets);
    void on_line(std::string_view line);
    void on_status(std::string_view line);
    void on_header(std::string_view line, std::size_t size);
    void on_chunk_size(std::string_view line);
    void finish_field();
    void finish_head();
    void keep(std::string_view line);
    void take_body(std::string_view& octets);
    void fail(std::string_view what, std::string_view why);

    wanted wanted_;
    state state_ = state::status;
    std::string line_;      // what came of the current line
    std::string field_;     // a header line, which the next one may continue
    std::size_t head_ = 0;  // octets of lines so far
    std::size_t kept_ = 0;  // octets of header lines kept
    bool keeping_ = true;   // not all room for header lines is used up
    body_framing framing_;
    std::uint64_t left_ = 0;  // octets of the body, or of the chunk, to come

    status_line status_;
    std::size_t header_size_ = 0, body_size_ = 0;
    bool truncated_ = false;
    std::vector<std::string> headers_;
    std::string complaint_;
};

}  // namespace tp::probe
