#include "tokenize/read.hpp"
#include "tokenize/unicode.hpp"

#include <utility>

namespace triage::tokenize {

namespace {

constexpr std::string_view supported =
    "BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, Metaspace, Punctuation, Sequence, Split, Whitespace, "
    "WhitespaceSplit";

Behaviour read_behaviour(const JsonNode& node, std::string_view otherwise) {
  constexpr std::pair<std::string_view, Behaviour> words[] = {
      {"Removed", Behaviour::removed},
      {"Isolated", Behaviour::isolated},
      {"MergedWithPrevious", Behaviour::merged_with_previous},
      {"MergedWithNext", Behaviour::merged_with_next},
      {"Contiguous", Behaviour::contiguous},
  };
  const std::string given = otherwise.empty() ? node.text() : node.text_or(otherwise);
  for (const auto& [word, behaviour] : words) {
    if (word == given) return behaviour;
  }
  node.fault('"' + given + "\" is none of Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
  return Behaviour::isolated;
}

PreTokenizerPointer read_byte_level(const JsonNode& node) {
  node.allow({"type", "add_prefix_space", "trim_offsets", "use_regex"});
  return byte_level_pre_tokenizer(node["add_prefix_space"].boolean(), node["use_regex"].boolean_or(true));
}

/// The text of `node`, which must be one character.
std::string read_character(const JsonNode& node) {
  std::string text = node.text();
  std::size_t end = 0;
  if (!text.empty()) decode(text, end);
  if (text.empty() || end != text.size()) node.fault("expected one character, found \"" + text + '"');
  return text;
}

PreTokenizerPointer read_metaspace(const JsonNode& node) {
  node.allow({"type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"});
  const std::string replacement = read_character(node["replacement"]);
  const JsonNode scheme = node["prepend_scheme"];
  const std::string given = scheme.text_or("always");
  const bool prefix = node["add_prefix_space"].boolean_or(true);
  if (!prefix && given != "never") {
    // The reference refuses it too, and reads files without prepend_scheme as "always".
    node["add_prefix_space"].fault("false contradicts prepend_scheme \"" + given + '"');
  }
  PrependScheme chosen = PrependScheme::always;
  if (given == "first") {
    chosen = PrependScheme::first;
  } else if (given == "never") {
    chosen = PrependScheme::never;
  } else if (given != "always") {
    scheme.fault('"' + given + "\" is none of always, first, never");
  }
  if (replacement.empty()) return nullptr;
  return metaspace(replacement, chosen, node["split"].boolean_or(true));
}

PreTokenizerPointer read_split(const JsonNode& node) {
  node.allow({"type", "pattern", "behavior", "invert"});
  auto pattern = read_pattern(node["pattern"]);
  const Behaviour behaviour = read_behaviour(node["behavior"], "");
  const bool invert = node["invert"].boolean();
  return pattern ? pattern_split(*std::move(pattern), behaviour, invert) : nullptr;
}

PreTokenizerPointer read_sequence(const JsonNode& node, int depth) {
  node.allow({"type", "pretokenizers"});
  if (depth >= nesting_max) node.fault("sequences are nested too deeply");
  std::vector<PreTokenizerPointer> parts;
  node["pretokenizers"].each_element(
      [&](const JsonNode& part) { parts.push_back(read_pre_tokenizer(part, depth + 1)); });
  return pre_tokenizer_sequence(std::move(parts));
}

PreTokenizerPointer read_plain(const JsonNode& node, std::string_view type) {
  using Make = PreTokenizerPointer (*)();
  constexpr std::pair<std::string_view, Make> plain[] = {
      {"BertPreTokenizer", bert_pre_tokenizer}, {"Whitespace", words_split}, {"WhitespaceSplit", white_space_split}};
  for (const auto& [name, make] : plain) {
    if (name != type) continue;
    node.allow({"type"});
    return make();
  }
  refuse_type(node, type, supported);
  return nullptr;
}

}  // namespace

std::optional<Pattern> read_pattern(const JsonNode& node) {
  node.allow({"String", "Regex"});
  if (node["String"].given()) {
    std::string text = node["String"].text();
    if (!text.empty()) return Pattern(std::move(text));
    node["String"].fault("expected a text that is not empty");
    return std::nullopt;
  }
  const std::string pattern = node["Regex"].text();
  if (node.faults().any()) return std::nullopt;
  auto regex = Regex::compile(pattern);
  if (regex) return Pattern(*std::move(regex));
  node["Regex"].fault('"' + pattern + "\": " + regex.error().message);
  return std::nullopt;
}

PreTokenizerPointer read_pre_tokenizer(const JsonNode& node, int depth) {
  const std::string type = read_type(node);
  if (type == "ByteLevel") return read_byte_level(node);
  if (type == "Metaspace") return read_metaspace(node);
  if (type == "Split") return read_split(node);
  if (type == "Sequence") return read_sequence(node, depth);
  if (type == "Punctuation") {
    node.allow({"type", "behavior"});
    return punctuation_split(read_behaviour(node["behavior"], "Isolated"));
  }
  if (type == "Digits") {
    node.allow({"type", "individual_digits"});
    return digits_split(node["individual_digits"].boolean());
  }
  if (type == "CharDelimiterSplit") {
    node.allow({"type", "delimiter"});
    const std::string delimiter = read_character(node["delimiter"]);
    std::size_t at = 0;
    return delimiter.empty() ? nullptr : delimiter_split(decode(delimiter, at));
  }
  return read_plain(node, type);
}

}  // namespace triage::tokenize
