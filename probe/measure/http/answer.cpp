#include "probe/measure/http/answer.hpp"

#include <algorithm>

#include "proto/findings.hpp"

namespace tp::probe {
namespace {

constexpr unsigned switching_protocols = 101, lowest_final = 200, no_content = 204, not_modified = 304;

bool is_interim(unsigned code)
{
    return code < lowest_final && code != switching_protocols;
}

bool has_no_body(proto::http_method method, unsigned code)
{
    return method == proto::http_method::head || code == switching_protocols || code == no_content ||
           code == not_modified;
}

}  // namespace

http_answer::phase http_answer::at() const noexcept
{
    switch (state_) {
        case state::status:
            return phase::status;
        case state::header:
            return phase::headers;
        case state::body_of_length:
        case state::body_until_close:
            return phase::body;
        case state::done:
            return phase::done;
        case state::failed:
            return phase::failed;
        default:
            return phase::chunk;
    }
}

std::string_view http_answer::word() const noexcept
{
    constexpr std::string_view words[]{"status", "headers", "body", "chunk", "end", "end"};
    return words[static_cast<std::size_t>(at())];
}

void http_answer::feed(std::string_view octets)
{
    while (!octets.empty() && !over()) {
        bool const in_body =
            state_ == state::body_of_length || state_ == state::body_until_close || state_ == state::chunk_data;
        if (in_body)
            take_body(octets);
        else
            take_line(octets);
    }
}

void http_answer::end()
{
    if (over()) return;
    if (state_ == state::body_until_close) {
        state_ = state::done;
        return;
    }
    complaint_ = "error reading " + std::string(word()) + ": closed by the other side";
    state_ = state::failed;
}

/// Moves octets into the current line up to its end, and acts on it if that has come.
void http_answer::take_line(std::string_view& octets)
{
    auto const newline = octets.find('\n');
    auto const size = newline == octets.npos ? octets.size() : newline + 1;
    head_ += size;
    line_.append(octets.substr(0, std::min(size, longest_line)));
    octets.remove_prefix(size);
    if (line_.size() > longest_line || size > longest_line) return fail("line too long", {});
    if (head_ > largest_head + chunk_overhead * body_size_) return fail("too many octets beside the body", {});
    if (newline == octets.npos) return;
    auto const line = std::move(line_);
    line_.clear();
    on_line(line);
}

/// @param line  with its end: LF, after a CR or not.
void http_answer::on_line(std::string_view line)
{
    auto const size = line.size();
    line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
    switch (state_) {
        case state::status:
            return on_status(line);
        case state::header:
            return on_header(line, size);
        case state::chunk_size:
            return on_chunk_size(line);
        case state::chunk_end:
            if (!line.empty()) return fail("bad chunk line", "garbage at the end of chunk");
            state_ = state::chunk_size;
            return;
        default:
            if (line.empty()) state_ = state::done;  // after the trailers
    }
}

void http_answer::on_status(std::string_view line)
{
    auto const read = parse_status_line(line);
    if (!read.line) return fail("bad status line", read.wrong);
    status_ = *read.line;
    header_size_ = kept_ = 0;
    headers_.clear();
    keeping_ = wanted_.header_bytes > 0;
    framing_ = {};
    state_ = state::header;
}

void http_answer::on_header(std::string_view line, std::size_t size)
{
    if (line.empty()) {
        finish_field();
        if (state_ == state::header) finish_head();
        return;
    }
    if (line.find('\0') != line.npos) return fail("bad header line", "contains nul");
    header_size_ += size;
    keep(line);
    bool const continues = line[0] == ' ' || line[0] == '\t';  // obsolete, RFC 9112, section 5.2
    if (!continues) {
        finish_field();
        field_ = line;
        return;
    }
    if (field_.empty()) return;  // nothing comes before the first
    field_ += line;
    if (field_.size() > longest_line) fail("line too long", {});
}

/// A header line and all its continuations have come.
void http_answer::finish_field()
{
    auto const wrong = framing_.take(field_);
    field_.clear();
    if (wrong) fail("bad header line", *wrong);
}

void http_answer::finish_head()
{
    if (is_interim(status_.code)) {
        status_ = {};
        state_ = state::status;
        return;
    }
    if (keeping_) headers_.emplace_back();
    left_ = framing_.length().value_or(0);
    if (has_no_body(wanted_.method, status_.code))
        state_ = state::done;
    else if (framing_.chunked())
        state_ = state::chunk_size;
    else if (!framing_.length())
        state_ = state::body_until_close;
    else
        state_ = left_ > 0 ? state::body_of_length : state::done;
}

void http_answer::keep(std::string_view line)
{
    if (!keeping_) return;
    auto const room = wanted_.header_bytes - kept_;
    bool const last_place = headers_.size() + 2 >= proto::http_report::most_headers;
    keeping_ = line.size() < room && !last_place;
    headers_.emplace_back(line.substr(0, std::min(line.size(), room)));
    kept_ += headers_.back().size();
    if (!keeping_) headers_.back() += "[...]";
}

void http_answer::on_chunk_size(std::string_view line)
{
    auto const size = parse_chunk_size(line);
    if (!size) return fail("bad chunk line", "not a number");
    left_ = *size;
    state_ = left_ > 0 ? state::chunk_data : state::trailer;
    truncated_ = left_ > 0 && body_size_ == wanted_.body_bytes;
    if (truncated_) state_ = state::done;
}

void http_answer::take_body(std::string_view& octets)
{
    bool const bounded = state_ != state::body_until_close;
    auto const room = wanted_.body_bytes - body_size_;
    auto size = std::min(octets.size(), room);
    if (bounded) size = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
    octets.remove_prefix(size);
    body_size_ += size;
    left_ -= bounded ? size : 0;
    if (bounded && left_ == 0) {
        state_ = state_ == state::chunk_data ? state::chunk_end : state::done;
        return;
    }
    truncated_ = body_size_ == wanted_.body_bytes && (bounded || !octets.empty());
    if (truncated_) state_ = state::done;
}

void http_answer::fail(std::string_view what, std::string_view why)
{
    complaint_ = what;
    if (!why.empty()) complaint_ += ": " + std::string(why);
    state_ = state::failed;
}

}  // namespace tp::probe
