// A tokenizer.json on the first line, or a vocabulary up to an empty line, and a text behind it: whatever both are, the
// tokenizer is refused with a reason, or it encodes the text, the same each time, and within any limit.

#include "fuzz_check.hpp"
#include "tokenize/tokenizer.hpp"

#include <algorithm>

namespace triage::fuzz {
namespace {

void check_encoding(const tokenize::Tokenizer& tokenizer, std::string_view text) {
  const auto whole = tokenizer.encode(text, tokenize::Tokenizer::unlimited);
  if (!whole) {
    check(whole.error().code == ErrorCode::invalid_value && !whole.error().message.empty(), "a reason");
    return;
  }
  check(whole->ids.size() == whole->type_ids.size(), "a type for each id");
  for (const std::int64_t id : whole->ids) {
    check(id >= 0 && static_cast<std::size_t>(id) < tokenizer.ids(), "an id that the tokenizer has");
  }
  check(!whole->truncated, "nothing is dropped without a limit");
  check(tokenizer.encode(text, tokenize::Tokenizer::unlimited)->ids == whole->ids, "the same again");
  const std::size_t special = tokenizer.special_tokens();
  const std::size_t limit = special + hash(text) % 8;
  const auto cut = tokenizer.encode(text, limit);
  check(cut.has_value(), "a limit takes nothing away but tokens");
  check(cut->truncated || cut->ids == whole->ids, "either cut or whole");
  check(special == 0 || tokenizer.encode(text, special - 1).has_error(), "the special tokens need their room");
}

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace triage::fuzz;
  namespace tokenize = triage::tokenize;
  const std::string_view bytes = as_text(data, size);
  const bool json = bytes.starts_with('{');
  const std::string_view separator = json ? "\n" : "\n\n";
  const std::size_t end = std::min(bytes.find(separator), bytes.size());
  const std::string_view file = bytes.substr(0, end);
  const std::string_view text = bytes.substr(std::min(end + separator.size(), bytes.size()));
  const auto loaded =
      json ? tokenize::read_tokenizer_json(file) : tokenize::read_vocabulary(file, {hash(file) % 2 == 0});
  if (!loaded) {
    check(loaded.error().code == triage::ErrorCode::invalid_config && !loaded.error().message.empty(), "a reason");
    return 0;
  }
  check_encoding(**loaded, text.substr(0, 2048));
  return 0;
}
