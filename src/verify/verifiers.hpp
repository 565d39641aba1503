#pragma once
// Every verifier that ships, in one list. To add one: a file here that defines its VerifierKind, a line in
// verifiers.cpp, a test.

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

/// A verifier as its own file defines it: what it is called, its options, and how it is made of them. One that combines
/// others is made by make_verifier_tree().
struct VerifierKind {
  options::Kind is;
  bool needs_the_end = false;     ///< it says nothing about an answer's beginning
  bool changes_the_call = false;  ///< the model is asked for more than the client asks
  bool asks = false;              ///< it asks another model
  /// The verifiers that it combines; null: none.
  std::vector<const VerifierSpec*> (*parts)(const std::any& options) = nullptr;
  /// Reports what is wrong with options that stand at `at`; null: nothing can be.
  void (*check)(const options::Checking& in, const options::Path& at, const std::any& options) = nullptr;
  /// The options were checked and outlive the verifier. Null: it only combines others.
  std::unique_ptr<Verifier> (*make)(const std::any& options) = nullptr;
};

/// nullptr: no verifier is called that.
const VerifierKind* find_verifier(std::string_view kind) noexcept;

/// Whether it, or one that it combines, says nothing about an answer's beginning.
bool needs_the_end(const VerifierSpec& spec);

/// Whether the model is asked for more than the client asks: those that judge must have had it so.
bool changes_the_call(const VerifierSpec& spec);

/// Reports what is wrong with a verifier that stands at `path`, and with those that it combines.
void check_verifier(const options::Checking& in, const VerifierSpec& spec, const options::Path& path);

/// The verifier that `spec` describes. The spec was checked and must outlive it. Null for a kind that is not known, or
/// that only combines others: see make_verifier_tree(). Throws std::runtime_error if a file that the spec names cannot
/// be used.
std::unique_ptr<Verifier> make_verifier(const VerifierSpec& spec);

/// `spec` with all that it combines. It must outlive the tree. Null if there is a kind in it that is not known; throws
/// as make_verifier() does.
///
/// Verifiers are asked in the order in which they are written, and none whose verdict would change nothing:
///   all        accepts if all do. Stops at the first that rejects. Score: the least.
///   any        accepts if one does. Stops at it. Score: the greatest.
///   weighted   accepts if the weighted mean of the scores is at least `at_least`. Before a question it stops if no
///              reply could change the verdict. Score: the mean of those that were asked.
///   agreement with `unsure`: the other verifier's score is looked at first; outside the band it decides.
/// Where one without a score has to have one, it counts 1 or 0.
std::unique_ptr<VerifierTree> make_verifier_tree(const VerifierSpec& spec);

}  // namespace verify

template <>
struct options::Choice<VerifierSpec> {
  static std::vector<const Kind*> kinds();
  static constexpr std::array<std::string_view, 1> later{"model"};
};
template <>
inline constexpr std::string_view options::recursive_name<VerifierSpec> = "verifier";

}  // namespace triage
