#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "controller/documents.hpp"

namespace tp::controller {

/// What waits to be sent to one probe, in order: frames of its own, and documents, of which it holds no copy. In order,
/// so that a probe hears of a list of anchors before it hears of a job that needs it.
class outbox {
public:
    static constexpr std::size_t most_octets = 256 * 1024;  // of its own frames

    /// False: there is no room, which means that the probe does not read.
    bool add(std::string frame) { return put({std::move(frame), false}); }
    /// The same for a change to the probe's jobs, which a whole list makes needless.
    bool add_news(std::string frame) { return put({std::move(frame), true}); }
    void drop_news();
    /// Takes the place of a document of the same name that waits. If some of that one has left, the probe gives it up
    /// at the first part of this one.
    void add(document_ptr document);

    bool empty() const noexcept { return waiting_.empty(); }
    bool next_is_document() const noexcept;
    bool has_documents() const noexcept;
    /// The next frame. Nothing: it is empty.
    std::optional<std::string> take();
    void drop_documents();
    /// Gives the memory back, too.
    void clear();

private:
    struct own {
        std::string frame;
        bool news = false;
    };
    struct under_way {
        document_ptr document;
        std::size_t next = 0;  // of its frames
    };
    bool put(own what);

    std::deque<std::variant<own, under_way>> waiting_;
    std::size_t octets_ = 0;
};

}  // namespace tp::controller
