#pragma once
// An experiment as requests need it, and what it assigns to them: see pipeline/assign.hpp.

#include "pipeline/live/rollout.hpp"
#include "triage/record.hpp"
#include "triage/spec.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

class Counter;
struct Policy;

/// Who names a unit. Equal names of different classes are different units. `given`: by the request, in a header, the
/// body or its metadata, so that a user is the same wherever an app says who it is.
enum class UnitClass : std::uint8_t { given, session, key, request };

/// A hash of units: the same everywhere and forever, and independent of all with another purpose.
class UnitHash {
 public:
  explicit UnitHash(std::string_view purpose);
  std::uint64_t operator()(UnitClass of, std::string_view unit) const noexcept;

 private:
  std::array<std::uint64_t, 4> seeds_{};  // by UnitClass
};

/// A hash that hides what it is of, for records.
class UnitDisguise {
 public:
  UnitDisguise(std::string_view secret, std::string_view purpose);
  std::uint64_t operator()(UnitClass of, std::string_view unit) const noexcept;

 private:
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
};

/// As a number in [0,1).
double fraction(std::uint64_t hash) noexcept;

/// Where a unit is looked for.
struct UnitPlace {
  UnitKind kind = UnitKind::key;
  std::string name;
};

/// The metrics of one arm.
struct ArmMetrics {
  std::array<Counter*, outcome_names.size()> requests{};
  Counter* cost_nano_usd = nullptr;
};

struct LiveExperiment;

/// What serves a request, and what it counts for.
struct Assignment {
  const Policy* policy = nullptr;
  const LiveExperiment* experiment = nullptr;  ///< that the request counts for; null: none
  Arm arm = Arm::control;                      ///< whose policy serves it
  double share = 0;                            ///< of the treatment, when this was assigned
  double draw = 0;                             ///< the unit gets the treatment at any share above this
  std::uint64_t unit = 0;                      ///< hashed for the record
  const UnitPlace* place = nullptr;            ///< where the unit was found; null: it is the request itself
  std::string_view why_not = {};               ///< why it does not count; empty: it does, or there is no experiment
};

/// As in the record, whose views live as long as this. Not moved.
class RecordedAssignment {
 public:
  explicit RecordedAssignment(const Assignment& assigned);
  RecordedAssignment(const RecordedAssignment&) = delete;
  RecordedAssignment& operator=(const RecordedAssignment&) = delete;
  /// Null: the request counts for no experiment.
  [[nodiscard]] const ExperimentRecord* get() const noexcept { return record_.name.empty() ? nullptr : &record_; }

 private:
  std::array<char, 16> unit_{};
  ExperimentRecord record_;
};

}  // namespace triage
