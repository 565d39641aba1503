//   pattern  = sequence                              with '|' at its top nothing is required
//   sequence = *( item [ repeat ] )
//   item     = character / set / escape / ( sequence ) / ^ / $ / \b
//
//   \b[A-Z]{2,5}-\d{4,}      [a-z] [a-z] - [0-9] [0-9] [0-9] [0-9]
//
// The sequence becomes runs: bytes that are adjacent in every match. An item that may repeat more often than it must
// ends a run, and its last bytes begin the next. Anything that is not a set of ASCII characters also ends a run, but
// begins the next without bytes.
// The run whose two rarest bytes are the rarest is kept.
#include "text/required_bytes.hpp"

#include "base/ascii.hpp"
#include "base/byte_block.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace triage {
namespace {

using Run = std::vector<AsciiSet>;

constexpr std::size_t copies_most = 8;  // of one item, in a run
constexpr std::size_t run_most = 16;
constexpr int depth_most = 20;  // of groups
constexpr double rare = 0.01;   // share of all positions in a text: searching for more costs as much as the automaton

// Both ASCII.
void add_range(AsciiSet& set, unsigned first, unsigned last) noexcept {
  for (unsigned c = first; c <= last; ++c) set.set(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}
AsciiSet set_of(std::string_view characters) noexcept {
  AsciiSet out;
  for (const char c : characters) add_range(out, static_cast<unsigned char>(c), static_cast<unsigned char>(c));
  return out;
}

// The frequency of `c` in lower-case English.
double frequency(unsigned char c) noexcept {
  if (c == ' ') return 0.17;
  if (c >= 'a' && c <= 'z') return std::string_view("etaoinsrhl").find(static_cast<char>(c)) < 10 ? 0.06 : 0.02;
  return 0.005;
}
double frequency(const AsciiSet& set) noexcept {
  double out = 0;
  for (unsigned c = 0; c < set.size(); ++c)
    if (set[c]) out += frequency(static_cast<unsigned char>(c));
  return std::min(out, 1.0);
}

bool is_in(const AsciiSet& set, char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < set.size() && set[byte];
}

struct Repeat {
  std::size_t least = 1;
  std::size_t most = 1;
};

class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : rest_(pattern) {}

  /// False: the pattern was not understood.
  bool read() {
    read_flags();
    return read_sequence(0) && rest_.empty() && !alternatives_;
  }
  std::vector<Run> runs() {
    end_run();
    return std::move(runs_);
  }

 private:
  // Reads the flags at the very front: (?i)
  void read_flags() {
    const std::size_t end = rest_.find(')');
    if (!rest_.starts_with("(?") || end == std::string_view::npos) return;
    const std::string_view flags = rest_.substr(2, end - 2);
    if (flags.find_first_not_of("ism") != std::string_view::npos) return;
    any_case_ = flags.find('i') != std::string_view::npos;
    rest_.remove_prefix(end + 1);
  }

  bool read_sequence(int depth) {
    while (!rest_.empty() && rest_.front() != ')')
      if (!read_item(depth)) return false;
    return true;
  }

  bool read_item(int depth) {
    const char c = rest_.front();
    AsciiSet set;
    switch (c) {
      case '|':
        alternatives_ = true;
        rest_.remove_prefix(1);
        return true;
      case '^':
      case '$': rest_.remove_prefix(1); return true;
      case '(': return read_group(depth);
      case '[': return read_set(set);
      case '\\': return read_escape();
      case '.': rest_.remove_prefix(1); return repeat_other();
      case '*':
      case '+':
      case '?':
      case '{': return false;
      default: break;
    }
    rest_.remove_prefix(1);
    if (static_cast<unsigned char>(c) < 0x80) {
      add_range(set, static_cast<unsigned char>(c), static_cast<unsigned char>(c));
      return repeat(set);
    }
    while (!rest_.empty() && (static_cast<unsigned char>(rest_.front()) & 0xc0) == 0x80) rest_.remove_prefix(1);
    return repeat_other();
  }

  // A group's content is required if it occurs exactly once and has no alternatives.
  bool read_group(int depth) {
    if (depth == depth_most) return false;
    rest_.remove_prefix(1);
    if (rest_.starts_with("?")) {
      const std::size_t end = rest_.find_first_of(":>");
      const std::string_view kind = rest_.substr(0, end == std::string_view::npos ? end : end + 1);
      if (kind != "?:" && !kind.starts_with("?P<") && !kind.starts_with("?<")) return false;
      rest_.remove_prefix(kind.size());
    }
    PatternReader inner(rest_);
    inner.any_case_ = any_case_;
    if (!inner.read_sequence(depth + 1) || !inner.rest_.starts_with(")")) return false;
    rest_ = inner.rest_.substr(1);
    const auto times = read_repeat();
    if (!times) return false;
    if (inner.alternatives_ || times->least != 1 || times->most != 1) {
      end_run();
      return true;
    }
    take(std::move(inner));
    return true;
  }

  // The group's first run continues ours, and its last run becomes ours.
  void take(PatternReader inner) {
    if (inner.runs_.empty()) {
      for (const AsciiSet& set : inner.run_) add(set);
      return;
    }
    for (const AsciiSet& set : inner.runs_.front()) add(set);
    end_run();
    runs_.insert(runs_.end(), std::make_move_iterator(inner.runs_.begin() + 1),
                 std::make_move_iterator(inner.runs_.end()));
    run_ = std::move(inner.run_);
  }

  bool read_set(AsciiSet& set) {
    rest_.remove_prefix(1);
    const bool negated = rest_.starts_with("^");
    if (negated) rest_.remove_prefix(1);
    bool ascii = true;
    for (bool first = true; first || !rest_.starts_with("]"); first = false) {
      if (rest_.empty() || rest_.starts_with("[:")) return false;
      if (!read_member(set, ascii)) return false;
    }
    rest_.remove_prefix(1);
    return negated || !ascii ? repeat_other() : repeat(set);
  }

  // Reads a character, a range or an escape in a set.
  bool read_member(AsciiSet& set, bool& ascii) {
    if (rest_.front() == '\\' && rest_.size() > 1) {
      if (const auto many = class_of(rest_[1])) {
        set |= *many;
        rest_.remove_prefix(2);
        return true;
      }
      if (std::string_view("DWS").find(rest_[1]) != std::string_view::npos) {
        ascii = false;
        rest_.remove_prefix(2);
        return true;
      }
    }
    const auto first = read_character();
    if (!first) return false;
    auto last = first;
    if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
      rest_.remove_prefix(1);
      last = read_character();
      if (!last) return false;
    }
    ascii = ascii && *first < 0x80 && *last < 0x80;
    if (ascii) add_range(set, *first, *last);
    return true;
  }

  // Reads a character of a set. Beyond ASCII only its first byte matters.
  std::optional<unsigned char> read_character() {
    if (rest_.empty()) return std::nullopt;
    if (rest_.front() == '\\') {
      const auto out = rest_.size() > 1 ? literal_of(rest_[1]) : std::nullopt;
      if (out) rest_.remove_prefix(2);
      return out;
    }
    const auto out = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return out;
  }

  bool read_escape() {
    if (rest_.size() < 2) return false;
    const char c = rest_[1];
    rest_.remove_prefix(2);
    if (const auto set = class_of(c)) return repeat(*set);
    if (const auto literal = literal_of(c)) {
      AsciiSet set;
      add_range(set, *literal, *literal);
      return repeat(set);
    }
    if (std::string_view("bBAz").find(c) != std::string_view::npos) return true;  // a position
    return std::string_view("DWS").find(c) != std::string_view::npos && repeat_other();
  }

  static std::optional<AsciiSet> class_of(char c) noexcept {
    switch (c) {
      case 'd': return set_of("0123456789");
      case 'w': return set_of("abcdefghijklmnopqrstuvwxyz0123456789_");
      case 's': return set_of("\t\n\f\r ");
      default: return std::nullopt;
    }
  }
  static std::optional<unsigned char> literal_of(char c) noexcept {
    switch (c) {
      case 't': return '\t';
      case 'n': return '\n';
      case 'r': return '\r';
      case 'f': return '\f';
      default: break;
    }
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
    if (byte < 0x21 || byte > 0x7e || letter || is_digit(c)) return std::nullopt;
    return byte;
  }

  // Reads what follows an item; nothing: not understood.
  std::optional<Repeat> read_repeat() {
    constexpr std::size_t endless = std::numeric_limits<std::size_t>::max();
    Repeat out;
    if (rest_.empty()) return out;
    switch (rest_.front()) {
      case '*': out = {0, endless}; break;
      case '+': out = {1, endless}; break;
      case '?': out = {0, 1}; break;
      case '{': {
        rest_.remove_prefix(1);
        const auto least = read_number();
        if (!least) return std::nullopt;
        out = {*least, *least};
        if (rest_.starts_with(",")) {
          rest_.remove_prefix(1);
          out.most = read_number().value_or(endless);
        }
        if (!rest_.starts_with("}")) return std::nullopt;
        break;
      }
      default: return out;
    }
    rest_.remove_prefix(1);
    if (rest_.starts_with("?")) rest_.remove_prefix(1);
    return out;
  }
  std::optional<std::size_t> read_number() {
    std::size_t out = 0;
    std::size_t size = 0;
    for (; size < rest_.size() && size < 5 && is_digit(rest_[size]); ++size)
      out = 10 * out + static_cast<std::size_t>(rest_[size] - '0');
    rest_.remove_prefix(size);
    return size == 0 ? std::nullopt : std::optional(out);
  }

  bool repeat(const AsciiSet& set) {
    // K and S also match the Kelvin sign and the long s, which have more than one byte.
    if (any_case_ && (set['k'] || set['s'])) return repeat_other();
    const auto times = read_repeat();
    if (!times) return false;
    const std::size_t copies = std::min(times->least, copies_most);
    for (std::size_t i = 0; i < copies; ++i) add(set);
    if (copies == times->most) return true;
    end_run();
    for (std::size_t i = 0; i < copies; ++i) add(set);
    return true;
  }
  bool repeat_other() {
    end_run();
    return read_repeat().has_value();
  }

  void add(const AsciiSet& set) {
    if (run_.size() == run_most) end_run();
    run_.push_back(set);
  }
  void end_run() { runs_.push_back(std::exchange(run_, {})); }

  std::string_view rest_;
  bool any_case_ = false;
  bool alternatives_ = false;  // in the sequence being read
  Run run_;
  std::vector<Run> runs_;
};

}  // namespace

std::optional<RequiredBytes::Range> RequiredBytes::range_of(const AsciiSet& set) noexcept {
  std::size_t first = 0;
  while (first < set.size() && !set[first]) ++first;
  std::size_t last = first;
  while (last + 1 < set.size() && set[last + 1]) ++last;
  if (set.none() || last - first + 1 != set.count()) return std::nullopt;
  return Range{static_cast<unsigned char>(first), static_cast<unsigned char>(last)};
}

RequiredBytes::RequiredBytes(std::vector<AsciiSet> sets) : sets_(std::move(sets)) {}

std::optional<RequiredBytes> RequiredBytes::of(std::string_view pattern) {
  PatternReader reader(pattern);
  if (!reader.read()) return std::nullopt;
  double least = rare;
  std::optional<RequiredBytes> out;
  for (Run& run : reader.runs()) {
    std::vector<std::pair<double, Place>> places;
    for (std::size_t i = 0; i < run.size(); ++i)
      if (const auto range = range_of(run[i])) places.push_back({frequency(run[i]), {i, *range}});
    std::ranges::sort(places, {}, [](const auto& place) { return place.first; });
    if (places.size() < 2 || places[0].first * places[1].first >= least) continue;
    least = places[0].first * places[1].first;
    out = RequiredBytes(std::move(run));
    out->rarest_ = {places[0].second, places[1].second};
  }
  return out;
}

template <class Width>
[[gnu::always_inline]] inline bool RequiredBytes::stand_in_blocks(std::string_view folded) const noexcept {
  using Block = typename Width::Block;
  const char* const last = folded.data() + folded.size() - sets_.size();
  // By reference, because Width::bits() takes its mask so.
  const auto look = [](const char* at, const Place& place, Block& fits) __attribute__((always_inline)) {
    Block block;
    std::memcpy(&block, at + place.at, sizeof block);
    const auto size = static_cast<unsigned char>(place.range.last - place.range.first);
    fits = reinterpret_cast<Block>(block - place.range.first <= size);
  };
  Block fit;
  Block other;
  for (const char* at = folded.data(); at <= last; at += sizeof(Block)) {
    look(at, rarest_[0], fit);
    look(at, rarest_[1], other);
    for (std::uint64_t bits = Width::bits(fit & other); bits != 0; bits &= bits - 1) {
      const char* const place = at + std::countr_zero(bits);
      if (place > last) break;
      std::size_t i = 0;
      while (i < sets_.size() && is_in(sets_[i], place[i])) ++i;
      if (i == sets_.size()) return true;
    }
  }
  return false;
}

bool RequiredBytes::stand_in(std::string_view folded) const noexcept {
  if (folded.size() < sets_.size()) return false;
  return with_widest_blocks([&]<class Width>()
                                __attribute__((always_inline)) { return stand_in_blocks<Width>(folded); });
}

}  // namespace triage
