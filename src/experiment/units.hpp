#pragma once
// The units that an experiment has seen, in little memory: a number for each, in the order of their first sighting, so
// that what is kept of them can stand in plain arrays.

#include "experiment/archive.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace triage::experiment {

class Units {
 public:
  explicit Units(std::uint32_t units_max) : units_max_(units_max) {}

  struct Found {
    std::uint32_t number;
    bool is_new;
  };
  /// nullopt: the table is full, and `unit` is not in it.
  std::optional<Found> find(std::uint64_t unit);

  [[nodiscard]] std::size_t size() const noexcept { return units_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept;

  template <class A>
  friend void archive(A& a, Units& units) {
    archive(a, units.units_);
    if constexpr (A::loads) units.rehash();
  }

 private:
  [[nodiscard]] std::size_t slot_of(std::uint64_t unit) const noexcept;
  void rehash();

  std::uint32_t units_max_;
  std::vector<std::uint64_t> units_;  // by number
  std::vector<std::uint32_t> slots_;  // number + 1, or 0; linear probing, at most three quarters full
};

}  // namespace triage::experiment
