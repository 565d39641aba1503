#pragma once
// The list of all pickers. To add one: a file here that defines its PickerKind, a line in pickers.cpp, a test.

#include "options/checking.hpp"
#include "options/type.hpp"
#include "triage/boxed.hpp"
#include "triage/cascade_spec.hpp"
#include "triage/pair_spec.hpp"
#include "triage/picker.hpp"

#include <any>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// A deployment compares the two answers, in both orders.
struct LlmPickerSpec {
  std::string deployment;
  std::string prompt;  ///< empty: the built-in prompt
  std::chrono::milliseconds timeout{10'000};
};

/// A picker that scores each answer by itself.
struct ScorerSpec {
  Boxed<VerifierSpec> verify;
};

namespace verify {

/// A picker as its own file defines it: its name, its options, and how to make it from them.
struct PickerKind {
  options::Kind is;
  /// Reports what is wrong with options at path `at`.
  void (*check)(const options::Checking& in, const options::Path& at, const std::any& options);
  /// The options have been checked and outlive the picker. Returns null or throws like make_verifier_tree().
  std::unique_ptr<Picker> (*make)(const std::any& options);
};

/// Reports what is wrong with the picker at `path`.
void check_picker(const options::Checking& in, const PickerSpec& spec, const options::Path& path);

/// The picker that `spec` describes. `spec` must have been checked and must outlive it. Null if its kind is unknown;
/// throws like make_verifier_tree().
std::unique_ptr<Picker> make_picker(const PickerSpec& spec);

}  // namespace verify

template <>
struct options::Choice<PickerSpec> {
  static std::vector<const Kind*> kinds();
  static constexpr std::array<std::string_view, 0> later{};
};

}  // namespace triage
