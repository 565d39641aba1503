#include "tokenize/added_tokens.hpp"

#include "tokenize/unicode.hpp"

#include <algorithm>
#include <utility>

namespace triage::tokenize {

namespace {

Trie trie_of(const std::vector<AddedToken>& tokens) {
  Vocabulary contents;
  for (const AddedToken& token : tokens) {
    contents.emplace_back(token.content, static_cast<std::uint32_t>(contents.size()));
  }
  return Trie(std::move(contents));
}

std::size_t character_before(std::string_view text, std::size_t at) {
  do --at;
  while ((text[at] & 0xc0) == 0x80);
  return at;
}

bool is_word_character(std::string_view text, std::size_t at) {
  static const Regex word = Regex::compile("[" + std::string(word_characters) + "]").value();
  std::size_t end = at;
  decode(text, end);
  bool found = false;
  return word.each_match(text.substr(at, end - at), [&](std::size_t, std::size_t) { found = true; }) == nullptr &&
         found;
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)), trie_(trie_of(tokens_)) {
  for (const AddedToken& token : tokens_) begins_[static_cast<unsigned char>(token.content.front())] = true;
}

bool AddedTokens::stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
  return (begin == 0 || !is_word_character(text, character_before(text, begin))) &&
         (end == text.size() || !is_word_character(text, end));
}

std::vector<Stretch> AddedTokens::find(std::string_view text) const {
  std::vector<Stretch> out;
  std::size_t done = 0;
  std::size_t at = 0;
  while (!tokens_.empty() && at < text.size()) {
    const Trie::Match match =
        begins_[static_cast<unsigned char>(text[at])] ? trie_.longest(text.substr(at)) : Trie::Match();
    if (match.value == Trie::none) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[match.value];
    std::size_t begin = at;
    std::size_t end = at + match.length;
    at = end;
    if (token.single_word && !stands_alone(text, begin, end)) continue;
    while (token.lstrip && begin > done) {
      const std::size_t before = character_before(text, begin);
      std::size_t behind = before;
      if (!is_white_space(decode(text, behind))) break;
      begin = before;
    }
    while (token.rstrip && end < text.size()) {
      std::size_t behind = end;
      if (!is_white_space(decode(text, behind))) break;
      end = behind;
    }
    if (done < begin) out.push_back({done, begin, std::nullopt});
    out.push_back({begin, end, token.id});
    done = end;
  }
  if (done < text.size()) out.push_back({done, text.size(), std::nullopt});
  return out;
}

}  // namespace triage::tokenize
