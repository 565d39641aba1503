#define PCRE2_CODE_UNIT_WIDTH 8

#include "tokenize/regex.hpp"

#include "tokenize/unicode.hpp"

#include <pcre2.h>

#include <utility>

namespace triage::tokenize {

namespace {

// The patterns in use need a few steps a byte.
constexpr std::uint32_t steps_max = 2'000'000;
constexpr std::uint32_t heap_kib_max = 64 * 1024;

}  // namespace

class Regex::Compiled {
 public:
  explicit Compiled(pcre2_code* code) : code_(code), limits_(pcre2_match_context_create(nullptr)) {
    pcre2_set_match_limit(limits_, steps_max);
    pcre2_set_heap_limit(limits_, heap_kib_max);
    // Where PCRE2 cannot compile to machine code, it interprets.
    pcre2_jit_compile(code_, PCRE2_JIT_COMPLETE);
  }
  ~Compiled() {
    pcre2_match_context_free(limits_);
    pcre2_code_free(code_);
  }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  [[nodiscard]] pcre2_match_data* match_data() const { return pcre2_match_data_create_from_pattern(code_, nullptr); }

  int match(std::string_view text, std::size_t from, pcre2_match_data* match) const {
    const auto* const subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    const int found = pcre2_match(code_, subject, text.size(), from, PCRE2_NO_UTF_CHECK, match, limits_);
    // Compiled patterns use a small stack, the interpreter uses the heap.
    return found != PCRE2_ERROR_JIT_STACKLIMIT
               ? found
               : pcre2_match(code_, subject, text.size(), from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, match, limits_);
  }

 private:
  pcre2_code* code_;
  pcre2_match_context* limits_;
};

Regex::Regex(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern) {
  const auto translated = to_pcre2(pattern);
  if (!translated) return translated.error();
  int code = 0;
  PCRE2_SIZE offset = 0;
  pcre2_compile_context* const context = pcre2_compile_context_create(nullptr);
  pcre2_set_newline(context, PCRE2_NEWLINE_LF);
  pcre2_code* const compiled =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated->data()), translated->size(),
                    PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &code, &offset, context);
  pcre2_compile_context_free(context);
  if (compiled == nullptr) {
    PCRE2_UCHAR text[256];
    pcre2_get_error_message(code, text, sizeof text);
    return Error{ErrorCode::invalid_config, reinterpret_cast<const char*>(text)};
  }
  return Regex(std::make_unique<Compiled>(compiled));
}

Regex::Search::Search(const Regex& regex, std::string_view text)
    : compiled_(*regex.compiled_), text_(text), match_(compiled_.match_data()) {}

Regex::Search::~Search() {
  pcre2_match_data_free(static_cast<pcre2_match_data*>(match_));
}

bool Regex::Search::match_at(std::size_t from) {
  const int found = compiled_.match(text_, from, static_cast<pcre2_match_data*>(match_));
  if (found < 0) {
    if (found != PCRE2_ERROR_NOMATCH) problem_ = "a regular expression takes too many steps on this text";
    return false;
  }
  const PCRE2_SIZE* const ends = pcre2_get_ovector_pointer(static_cast<pcre2_match_data*>(match_));
  begin_ = ends[0];
  end_ = ends[1];
  return true;
}

bool Regex::Search::next() {
  const std::size_t last_end = end_;
  while (from_ <= text_.size() && match_at(from_)) {
    if (begin_ == end_ && any_ && end_ == last_end) {
      if (from_ == text_.size()) return false;
      decode(text_, from_);  // one character on
      continue;
    }
    any_ = true;
    from_ = end_;
    return true;
  }
  return false;
}

}  // namespace triage::tokenize
