#include "experiment/units.hpp"

#include <algorithm>
#include <bit>

namespace triage::experiment {

// The units are hashes already. Multiplication mixes what may be regular in them all the same.
std::size_t Units::slot_of(std::uint64_t unit) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = (unit * 0x9e3779b97f4a7c15ULL) >> (64 - std::countr_zero(slots_.size()));
  while (slots_[slot] != 0 && units_[slots_[slot] - 1] != unit) slot = (slot + 1) & mask;
  return slot;
}

std::optional<Units::Found> Units::find(std::uint64_t unit) {
  if (slots_.empty()) rehash();
  std::size_t slot = slot_of(unit);
  if (slots_[slot] != 0) return Found{slots_[slot] - 1, false};
  if (units_.size() >= units_max_) return std::nullopt;
  units_.push_back(unit);
  if (units_.size() * 4 > slots_.size() * 3) {
    rehash();
  } else {
    slots_[slot] = static_cast<std::uint32_t>(units_.size());
  }
  return Found{static_cast<std::uint32_t>(units_.size() - 1), true};
}

void Units::rehash() {
  slots_.assign(std::bit_ceil(std::max<std::size_t>(64, units_.size() * 3 / 2 + 1)), 0);
  for (std::size_t i = 0; i < units_.size(); ++i) slots_[slot_of(units_[i])] = static_cast<std::uint32_t>(i + 1);
}

std::size_t Units::bytes() const noexcept {
  return units_.capacity() * sizeof(std::uint64_t) + slots_.capacity() * sizeof(std::uint32_t);
}

}  // namespace triage::experiment
