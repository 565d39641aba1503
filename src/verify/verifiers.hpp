#pragma once
// The list of all verifiers. To add one: a file here that defines its VerifierKind, a line in verifiers.cpp, a test.

#include "options/checking.hpp"
#include "options/type.hpp"
#include "triage/cascade_spec.hpp"
#include "triage/verifier.hpp"

#include <any>
#include <array>
#include <memory>
#include <string_view>
#include <vector>

namespace triage {

namespace verify {

/// A verifier as its own file defines it: its name, its options, and how to make it from them. Those that combine
/// others are made by make_verifier_tree().
struct VerifierKind {
  options::Kind is;
  bool needs_the_end = false;     ///< it cannot judge the beginning of an answer
  bool changes_the_call = false;  ///< it asks the model for more than the client does
  bool asks = false;              ///< it asks another model
  /// The verifiers that it combines; null: none.
  std::vector<const VerifierSpec*> (*parts)(const std::any& options) = nullptr;
  /// Reports what is wrong with options at path `at`; null: nothing can be wrong.
  void (*check)(const options::Checking& in, const options::Path& at, const std::any& options) = nullptr;
  /// The options have been checked and outlive the verifier. Null: it only combines others.
  std::unique_ptr<Verifier> (*make)(const std::any& options) = nullptr;
};

/// nullptr: no verifier has that name.
const VerifierKind* find_verifier(std::string_view kind) noexcept;

/// Whether it, or one that it combines, cannot judge the beginning of an answer.
bool needs_the_end(const VerifierSpec& spec);

/// Whether it, or one that it combines, asks the model for more than the client does.
bool changes_the_call(const VerifierSpec& spec);

/// Reports what is wrong with the verifier at `path`, and with those that it combines.
void check_verifier(const options::Checking& in, const VerifierSpec& spec, const options::Path& path);

/// The verifier that `spec` describes. `spec` must have been checked and must outlive it. Null if its kind is unknown
/// or only combines others: see make_verifier_tree(). Throws std::runtime_error if a file that the spec names cannot be
/// used.
std::unique_ptr<Verifier> make_verifier(const VerifierSpec& spec);

/// `spec` with everything it combines. `spec` must outlive the tree. Null if a kind in it is unknown; throws like
/// make_verifier().
///
/// Verifiers are asked in the order in which they are written, except those whose verdict would change nothing:
///   all        accepts if all do. Stops at the first that rejects. Score: the least.
///   any        accepts if one does. Stops at it. Score: the greatest.
///   weighted   accepts if the weighted mean of the scores is at least `at_least`. Before a question it stops if no
///              reply could change the verdict. Score: the mean of those that were asked.
///   agreement with `unsure`: the other verifier's score is looked at first; outside the band it decides.
/// If a verifier without a score needs one, it counts 1 or 0.
std::unique_ptr<VerifierTree> make_verifier_tree(const VerifierSpec& spec);

}  // namespace verify

template <>
struct options::Choice<VerifierSpec> {
  static std::vector<const Kind*> kinds();
  static constexpr std::array<std::string_view, 0> later{};
};
template <>
inline constexpr std::string_view options::recursive_name<VerifierSpec> = "verifier";

}  // namespace triage
