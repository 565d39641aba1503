#pragma once
// The list of all mechanical graders: programs, not models, that say how good an answer is. To add one: a file here
// that defines its GraderKind, a line in graders.cpp, a test.

#include "judge/sample.hpp"
#include "options/checking.hpp"
#include "options/type.hpp"
#include "triage/quality_spec.hpp"

#include <any>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// What all graders have.
struct GraderOptions {
  std::string name;  ///< that its grades go by; empty: its kind
  double share = 1;  ///< of the answers, drawn by the request's id
};

struct ExactGraderSpec : GraderOptions {
  bool ignore_case = false;
};
struct NumericGraderSpec : GraderOptions {
  double tolerance = 0.000001;  ///< relative to the reference
};
struct RegexGraderSpec : GraderOptions {
  std::string pattern;  ///< RE2
  bool absent = false;  ///< whether the answer is good if it is not found
};
struct JsonSchemaGraderSpec : GraderOptions {
  std::string schema;  ///< empty: the request's own
};
struct CommandGraderSpec : GraderOptions {
  std::vector<std::string> command;  ///< the program and its arguments; no shell reads them
  milliseconds timeout{10'000};
};

namespace judge {

/// What a grader says.
struct Grade {
  std::optional<double> score;  ///< 0..1; absent: it cannot tell
  std::string reason;           ///< quotes nothing of the texts
  std::string said;             ///< in words of others, which may quote them; empty: nothing
};

/// Immutable and thread-safe.
class Grader {
 public:
  virtual ~Grader() = default;
  /// May block for as long as the spec's timeout if GraderKind::blocks, but not long after `given_up` has become true.
  [[nodiscard]] virtual Grade grade(const Sample& sample, const std::atomic<bool>* given_up = nullptr) const = 0;
};

struct GraderKind {
  options::Kind is;
  bool needs_reference = false;
  bool blocks = false;  ///< it runs a program: not on an event loop
  void (*check)(const options::Checking& in, const options::Path& at, const std::any& options) = nullptr;
  const GraderOptions& (*common)(const std::any& options) = nullptr;
  std::string (*settings)(const std::any& options) = nullptr;  ///< all that its grades depend on
  std::unique_ptr<Grader> (*make)(const std::any& options) = nullptr;
};

/// Null: there is none.
const GraderKind* find_grader(std::string_view kind) noexcept;

/// Reports what is wrong with a grader's options. `path`: the grader's own.
void check_grader(const options::Checking& in, const GraderSpec& spec, const options::Path& path);

/// The options that all graders have. The kind must be known.
const GraderOptions& common_options(const GraderSpec& spec);

/// The name that its grades go by.
std::string name_of(const GraderSpec& spec);

/// Changes with the options: 16 digits.
std::string version_of(const GraderSpec& spec);

/// Null if the kind is unknown. `spec` must outlive it.
std::unique_ptr<Grader> make_grader(const GraderSpec& spec);

/// Whether the request `id` belongs to the `share` of `route`'s that `who` grades. The same everywhere, and independent
/// for each of `who`. Pure.
bool drawn(std::string_view id, std::string_view route, std::string_view who, double share) noexcept;

/// The names of graders that no mechanical one may have.
inline constexpr std::array<std::string_view, 2> reserved_names{"judge", "spotcheck"};

void describe_common(options::Describer& v, GraderOptions& s);

template <class Options>
const GraderOptions& common_of(const std::any& options) {
  return options::options_as<Options>(options);
}

}  // namespace judge

template <>
struct options::Choice<GraderSpec> {
  static std::vector<const Kind*> kinds();
  static constexpr std::array<std::string_view, 0> later{};
};

}  // namespace triage
