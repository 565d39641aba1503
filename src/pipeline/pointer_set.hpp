#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace triage {

/// A set of pointers, or of pairs of them, of which there are at most as many as was said: one allocation, or none for
/// an empty set. The first of a pair is never null.
class PointerSet {
 public:
  struct Entry {
    const void* first = nullptr;
    const void* second = nullptr;
    bool operator==(const Entry&) const = default;
  };

  explicit PointerSet(std::size_t most) : slots_(most == 0 ? 0 : std::bit_ceil(2 * most)) {}

  /// False: it was there.
  bool insert(const Entry& entry) noexcept {
    Entry& slot = slots_[slot_of(entry)];
    if (slot == entry) return false;
    slot = entry;
    return true;
  }
  [[nodiscard]] bool contains(const Entry& entry) const noexcept {
    return !slots_.empty() && slots_[slot_of(entry)] == entry;
  }

 private:
  // Where it is or would be.
  [[nodiscard]] std::size_t slot_of(const Entry& entry) const noexcept {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
    const auto bits = [](const void* pointer) { return std::uint64_t{reinterpret_cast<std::uintptr_t>(pointer)}; };
    const std::uint64_t mixed = (bits(entry.first) + bits(entry.second) * 31) * golden;
    const std::size_t mask = slots_.size() - 1;
    auto at = static_cast<std::size_t>(mixed >> 32) & mask;
    while (slots_[at].first != nullptr && slots_[at] != entry) at = (at + 1) & mask;
    return at;
  }

  std::vector<Entry> slots_;
};

}  // namespace triage
