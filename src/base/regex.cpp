// RE2::Set runs one automaton for all patterns. It gives up when the automaton outgrows its memory; then each pattern
// is asked alone, which RE2 does without a cache if need be: slower, still linear.
#include "base/regex.hpp"

#include <re2/re2.h>
#include <re2/set.h>

namespace triage {
namespace {

constexpr std::int64_t pattern_memory = 1 << 20;  // bytes; bounds a pattern's size, too
constexpr std::int64_t set_memory = 8 << 20;

RE2::Options options(std::int64_t memory) {
  RE2::Options out;
  out.set_log_errors(false);
  out.set_max_mem(memory);
  out.set_never_capture(true);
  return out;
}

}  // namespace

std::optional<std::string> regex_problem(const std::string& pattern) {
  const RE2 compiled(pattern, options(pattern_memory));
  if (compiled.ok()) return std::nullopt;
  return compiled.error();
}

struct RegexSet::Compiled {
  explicit Compiled(const std::vector<std::string>& patterns) : set(options(set_memory), RE2::UNANCHORED) {
    for (const std::string& pattern : patterns) {
      alone.push_back(std::make_unique<RE2>(pattern, options(pattern_memory)));
      const int index = alone.back()->ok() ? set.Add(pattern, nullptr) : -1;
      if (index >= 0) indexes.push_back(static_cast<int>(alone.size()) - 1);
    }
    together = !indexes.empty() && set.Compile();
  }

  RE2::Set set;
  std::vector<std::unique_ptr<RE2>> alone;
  std::vector<int> indexes;  // in the set -> in `alone`
  bool together = false;
};

RegexSet::RegexSet(const std::vector<std::string>& patterns) : compiled_(std::make_unique<Compiled>(patterns)) {}
RegexSet::RegexSet(RegexSet&&) noexcept = default;
RegexSet& RegexSet::operator=(RegexSet&&) noexcept = default;
RegexSet::~RegexSet() = default;

bool RegexSet::empty() const noexcept {
  return compiled_->indexes.empty();
}

void RegexSet::match(std::string_view text, std::vector<int>& out) const {
  if (empty()) return;
  const re2::StringPiece piece(text.data(), text.size());
  if (compiled_->together && compiled_->indexes.size() > 1) {
    std::vector<int> hits;
    RE2::Set::ErrorInfo failure{RE2::Set::kNoError};
    compiled_->set.Match(piece, &hits, &failure);
    if (failure.kind == RE2::Set::kNoError) {
      for (const int hit : hits) out.push_back(compiled_->indexes[static_cast<std::size_t>(hit)]);
      return;
    }
  }
  for (const int index : compiled_->indexes)
    if (RE2::PartialMatch(piece, *compiled_->alone[static_cast<std::size_t>(index)])) out.push_back(index);
}

}  // namespace triage
