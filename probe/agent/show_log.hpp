#pragma once

#include <filesystem>
#include <string_view>

#include "probe/agent/host_log.hpp"

namespace tp::probe {

/// Reads the host's log from its oldest line on, also while the probe writes it and begins new files.
class log_reader {
public:
    explicit log_reader(std::filesystem::path const& folder) : path_(folder / "log") {}
    log_reader(log_reader const&) = delete;
    log_reader& operator=(log_reader const&) = delete;
    ~log_reader() { close(); }

    /// Calls `take` for each whole line that was not read yet. Errors: those of open(2) and read(2); a file that is not
    /// there yet is none.
    template <class Take>
    result<void> read(Take take)
    {
        std::string text;
        auto const got = more(text);
        std::string_view rest = text;
        for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
            take(rest.substr(0, end));
            rest.remove_prefix(end + 1);
        }
        begun_ = rest;
        return got;
    }

private:
    result<void> more(std::string& out);
    result<void> open(std::filesystem::path const& path);
    result<void> drain(std::string& out);
    bool is_current() const;
    void close();

    std::filesystem::path path_;
    int fd_ = -1;
    bool started_ = false;
    std::string begun_;  // a line whose end is not written yet
};

/// Prints the lines that are wanted; with `follow` goes on until the process is ended. The exit status.
int show_log(std::filesystem::path const& folder, log_filter const& wanted, bool follow);

}  // namespace tp::probe
