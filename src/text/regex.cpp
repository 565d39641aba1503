// Most texts need no automaton. A pattern that requires rare adjacent bytes (required_bytes.hpp) can match only where
// they occur. For the others, RE2 says which literals a matching text must contain: "(write|draft) an? essay" needs
// " essay", and "write a" or "draft a". Both are searched for first, 32 bytes at a time.
//
// RE2::Set runs one automaton for all patterns. It gives up when the automaton exceeds its memory; then each pattern is
// tried alone, which RE2 does without a cache if need be: slower, but still linear.
#include "text/regex.hpp"

#include "base/byte_block.hpp"
#include "text/required_bytes.hpp"

#include <re2/filtered_re2.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace triage {
namespace {

constexpr std::int64_t pattern_memory = 1 << 20;  // bytes; bounds a pattern's size, too
constexpr std::int64_t set_memory = 8 << 20;
constexpr std::ptrdiff_t looks_max = 16;  // searches of the text: more cost as much as the automaton

RE2::Options options(std::int64_t memory) {
  RE2::Options out;
  out.set_log_errors(false);
  out.set_max_mem(memory);
  out.set_never_capture(true);
  return out;
}

// A literal to search for, compared where its two rarest bytes match.
class Literal {
 public:
  explicit Literal(std::string text) : text_(std::move(text)) {
    ascii_ = std::ranges::all_of(text_, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    constexpr std::string_view often = " etaoinsrhldcumfpgwybvkxjqz";  // in English, the most frequent first
    for (std::size_t i = 1; i < text_.size(); ++i) {
      const auto rarer = [&](std::size_t than) { return often.find(text_[i]) > often.find(text_[than]); };
      if (rarer(rarest_))
        second_ = std::exchange(rarest_, i);
      else if (second_ == rarest_ || rarer(second_))
        second_ = i;
    }
  }
  [[nodiscard]] bool is_long() const noexcept { return text_.size() > 1; }
  [[nodiscard]] bool ascii() const noexcept { return ascii_; }

  /// `text` must be followed by 32 readable bytes.
  [[nodiscard]] bool stands_in(std::string_view text) const noexcept {
    if (!is_long()) return text.find(text_) != std::string_view::npos;
    if (text.size() < text_.size()) return false;
    return with_widest_blocks([&]<class Width>()
                                  __attribute__((always_inline)) { return stands_in_blocks<Width>(text); });
  }

 private:
  template <class Width>
  [[gnu::always_inline]] bool stands_in_blocks(std::string_view text) const noexcept {
    using Block = typename Width::Block;
    const auto first = static_cast<unsigned char>(text_[rarest_]);
    const auto other = static_cast<unsigned char>(text_[second_]);
    const char* const last = text.data() + text.size() - text_.size();
    for (const char* at = text.data(); at <= last; at += sizeof(Block)) {
      Block firsts;
      Block others;
      std::memcpy(&firsts, at + rarest_, sizeof firsts);
      std::memcpy(&others, at + second_, sizeof others);
      for (std::uint64_t bits = Width::bits((firsts == first) & (others == other)); bits != 0; bits &= bits - 1) {
        const char* const place = at + std::countr_zero(bits);
        if (place <= last && std::memcmp(place, text_.data(), text_.size()) == 0) return true;
      }
    }
    return false;
  }

  std::string text_;
  std::size_t rarest_ = 0;  // indices into it
  std::size_t second_ = 0;
  bool ascii_;
};

}  // namespace

std::optional<std::string> regex_problem(const std::string& pattern) {
  const RE2 compiled(pattern, options(pattern_memory));
  if (compiled.ok()) return std::nullopt;
  return compiled.error();
}

class RegexSet::Compiled {
 public:
  explicit Compiled(const std::vector<std::string>& patterns) : set_(options(set_memory), RE2::UNANCHORED) {
    bool all_added = true;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      auto expression = std::make_unique<RE2>(patterns[i], options(pattern_memory));
      if (!expression->ok()) continue;
      Pattern& pattern = patterns_.emplace_back();
      pattern.index = static_cast<int>(i);
      pattern.expression = std::move(expression);
      all_added = set_.Add(patterns[i], nullptr) == static_cast<int>(patterns_.size()) - 1 && all_added;
      pattern.required = RequiredBytes::of(patterns[i]);
      if (pattern.required) continue;
      int number = 0;
      others_.Add(patterns[i], options(pattern_memory), &number);
      other_numbers_.push_back(static_cast<int>(patterns_.size()) - 1);
    }
    if (patterns_.empty()) return;
    together_ = all_added && set_.Compile();
    std::vector<std::string> literals;
    if (!other_numbers_.empty()) others_.Compile(&literals);
    for (std::string& literal : literals) literals_.emplace_back(std::move(literal));
    const auto requiring = static_cast<std::ptrdiff_t>(patterns_.size() - other_numbers_.size());
    filtering_ = requiring + std::ranges::count_if(literals_, &Literal::is_long) <= looks_max;
  }

  void match(const FoldedText::Part& part, std::vector<int>& out) const {
    const re2::StringPiece text(part.text.data(), part.text.size());
    const std::vector<int> numbers = possible(part);
    if (numbers.size() > 1 && together_) {
      std::vector<int> hits;
      RE2::Set::ErrorInfo failure{RE2::Set::kNoError};
      set_.Match(text, &hits, &failure);
      if (failure.kind == RE2::Set::kNoError) {
        for (const int number : hits) out.push_back(pattern(number).index);
        return;
      }
    }
    for (const int number : numbers)
      if (RE2::PartialMatch(text, *pattern(number).expression)) out.push_back(pattern(number).index);
  }

 private:
  struct Pattern {
    int index = 0;
    std::unique_ptr<RE2> expression;
    std::optional<RequiredBytes> required;
  };
  [[nodiscard]] const Pattern& pattern(int number) const { return patterns_[static_cast<std::size_t>(number)]; }

  // The indices of the patterns that may match.
  [[nodiscard]] std::vector<int> possible(const FoldedText::Part& part) const {
    std::vector<int> numbers;
    if (!filtering_) {
      numbers.resize(patterns_.size());
      std::iota(numbers.begin(), numbers.end(), 0);
      return numbers;
    }
    for (std::size_t i = 0; i < patterns_.size(); ++i)
      if (patterns_[i].required && patterns_[i].required->stand_in(part.folded)) numbers.push_back(static_cast<int>(i));
    if (!other_numbers_.empty()) add_possible_others(part, numbers);
    return numbers;
  }

  // Adds those whose literals occur in `part`. RE2 makes all their letters lower case, FoldedText not all of the
  // text's. So anything beyond ASCII counts as found, and so does everything beside a Kelvin sign or a long s, which
  // are k and s to RE2.
  void add_possible_others(const FoldedText::Part& part, std::vector<int>& numbers) const {
    if (!part.ascii && (kelvin_.stands_in(part.folded) || long_s_.stands_in(part.folded))) {
      numbers.insert(numbers.end(), other_numbers_.begin(), other_numbers_.end());
      return;
    }
    std::vector<int> found;
    for (std::size_t i = 0; i < literals_.size(); ++i)
      if (!literals_[i].ascii() || literals_[i].stands_in(part.folded)) found.push_back(static_cast<int>(i));
    std::vector<int> others;
    others_.AllPotentials(found, &others);
    for (const int other : others) numbers.push_back(other_numbers_[static_cast<std::size_t>(other)]);
  }

  std::vector<Pattern> patterns_;  // by their indices in set_
  RE2::Set set_;
  re2::FilteredRE2 others_{1};  // those that require no bytes
  std::vector<int> other_numbers_;
  std::vector<Literal> literals_;  // those that others_ asks for
  Literal kelvin_{"\u212a"};
  Literal long_s_{"\u017f"};
  bool together_ = false;
  bool filtering_ = false;
};

RegexSet::RegexSet(const std::vector<std::string>& patterns) : compiled_(std::make_unique<Compiled>(patterns)) {}
RegexSet::RegexSet(RegexSet&&) noexcept = default;
RegexSet& RegexSet::operator=(RegexSet&&) noexcept = default;
RegexSet::~RegexSet() = default;

void RegexSet::match(const FoldedText::Part& part, std::vector<int>& out) const {
  compiled_->match(part, out);
}

class Regex::Compiled {
 public:
  explicit Compiled(const std::string& pattern) : expression(pattern, capturing()) {}
  RE2 expression;

 private:
  static RE2::Options capturing() {
    RE2::Options out = options(pattern_memory);
    out.set_never_capture(false);
    return out;
  }
};

Regex::Regex(const std::string& pattern) : compiled_(std::make_unique<Compiled>(pattern)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

bool Regex::usable() const noexcept {
  return compiled_->expression.ok();
}

int Regex::groups() const noexcept {
  return usable() ? compiled_->expression.NumberOfCapturingGroups() : 0;
}

bool Regex::found_in(std::string_view text) const {
  return usable() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->expression);
}

std::optional<Regex::Place> Regex::last_in(std::string_view text) const {
  std::optional<Place> out;
  if (!usable()) return out;
  const re2::StringPiece piece(text.data(), text.size());
  re2::StringPiece found[2];
  const int wanted = groups() > 0 ? 2 : 1;
  for (std::size_t from = 0; from <= text.size();) {
    if (!compiled_->expression.Match(piece, from, text.size(), RE2::UNANCHORED, found, wanted)) break;
    Place& place = out.emplace();
    place.begin = static_cast<std::size_t>(found[0].data() - text.data());
    place.end = place.begin + found[0].size();
    const re2::StringPiece& group = found[wanted - 1];
    if (group.data() != nullptr)
      place.group = text.substr(static_cast<std::size_t>(group.data() - text.data()), group.size());
    from = place.end + (found[0].empty() ? 1 : 0);
  }
  return out;
}

}  // namespace triage
