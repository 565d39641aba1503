// RE2 says for each pattern which literals a text that matches must hold: "(write|draft) an? essay" needs " essay", and
// "write a" or "draft a". They are looked for first, 16 bytes at a time; most texts lack them, and need no automaton.
//
//   literals in the text -> FilteredRE2: patterns that may match -> none: done; one: that one alone; more: RE2::Set
//
// RE2::Set runs one automaton for all patterns. It gives up when the automaton outgrows its memory; then each pattern
// is asked alone, which RE2 does without a cache if need be: slower, still linear.
#include "base/regex.hpp"

#include "base/byte_block.hpp"

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
constexpr std::ptrdiff_t long_literals_max = 16;  // to look for more costs as much as the automaton

RE2::Options options(std::int64_t memory) {
  RE2::Options out;
  out.set_log_errors(false);
  out.set_max_mem(memory);
  out.set_never_capture(true);
  return out;
}

// A text that is sought: compared where its two rarest bytes fit.
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

  /// `text` has 32 readable bytes behind it.
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
  std::size_t rarest_ = 0;  // places in it
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
      int number = 0;
      if (alone_.Add(patterns[i], options(pattern_memory), &number) != RE2::NoError) continue;
      indexes_.push_back(static_cast<int>(i));
      all_added = set_.Add(patterns[i], nullptr) == number && all_added;
    }
    if (indexes_.empty()) return;
    together_ = all_added && set_.Compile();
    std::vector<std::string> literals;
    alone_.Compile(&literals);
    for (std::string& literal : literals) literals_.emplace_back(std::move(literal));
    filtering_ = std::ranges::count_if(literals_, &Literal::is_long) <= long_literals_max;
  }

  void match(const FoldedText::Part& part, std::vector<int>& out) const {
    const re2::StringPiece text(part.text.data(), part.text.size());
    std::vector<int> numbers = possible(part);
    if (numbers.size() > 1 && together_) {
      std::vector<int> hits;
      RE2::Set::ErrorInfo failure{RE2::Set::kNoError};
      set_.Match(text, &hits, &failure);
      if (failure.kind == RE2::Set::kNoError) {
        for (const int number : hits) out.push_back(indexes_[static_cast<std::size_t>(number)]);
        return;
      }
    }
    for (const int number : numbers)
      if (RE2::PartialMatch(text, alone_.GetRE2(number))) out.push_back(indexes_[static_cast<std::size_t>(number)]);
  }

 private:
  // The patterns whose literals stand in `part`. RE2 makes all letters small in them, FoldedText not all of them: what
  // lies beyond ASCII counts as found, and so does everything beside a Kelvin sign or a long s, which are k and s to
  // RE2.
  [[nodiscard]] std::vector<int> possible(const FoldedText::Part& part) const {
    std::vector<int> numbers;
    if (!filtering_ || (!part.ascii && (kelvin_.stands_in(part.folded) || long_s_.stands_in(part.folded)))) {
      numbers.resize(indexes_.size());
      std::iota(numbers.begin(), numbers.end(), 0);
      return numbers;
    }
    std::vector<int> found;
    for (std::size_t i = 0; i < literals_.size(); ++i)
      if (!literals_[i].ascii() || literals_[i].stands_in(part.folded)) found.push_back(static_cast<int>(i));
    alone_.AllPotentials(found, &numbers);
    return numbers;
  }

  RE2::Set set_;
  re2::FilteredRE2 alone_{1};
  Literal kelvin_{"\u212a"};
  Literal long_s_{"\u017f"};
  std::vector<Literal> literals_;  // that alone_ asks for
  std::vector<int> indexes_;       // a pattern's number in set_ and alone_ -> its index
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
