#pragma once

#include <memory>

namespace tp {

template <auto Release>
struct releaser {
    template <class T>
    void operator()(T* object) const noexcept
    {
        Release(object);
    }
};

/// Owns an object of a C library, and is as small as the raw pointer. Pass `.get()` to the library.
template <class T, auto Release>
using handle = std::unique_ptr<T, releaser<Release>>;

}  // namespace tp
