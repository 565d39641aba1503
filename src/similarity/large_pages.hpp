#pragma once
// Memory for what is read as a whole by every search: on pages of 2 MB where the system has them, which the processor
// finds faster. (Linux: madvise(2), MADV_HUGEPAGE.)

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace triage::similarity {

template <class T>
struct LargePages {
  using value_type = T;
  LargePages() = default;
  template <class U>
  explicit LargePages(const LargePages<U>& /*other*/) noexcept {}

  T* allocate(std::size_t count) {
    constexpr std::size_t page = std::size_t{2} << 20;
    const std::size_t bytes = count * sizeof(T);
    const bool large = bytes >= page;
    void* const out = large ? std::aligned_alloc(page, (bytes + page - 1) / page * page) : std::malloc(bytes);
    if (out == nullptr) throw std::bad_alloc();
    if (large) madvise(out, bytes, MADV_HUGEPAGE);
    return static_cast<T*>(out);
  }
  void deallocate(T* memory, std::size_t /*count*/) noexcept { std::free(memory); }
  bool operator==(const LargePages& /*other*/) const noexcept { return true; }
};

}  // namespace triage::similarity
