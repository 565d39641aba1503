#include "tokenize/read.hpp"

#include <utility>

namespace triage::tokenize {

namespace {

Vocabulary read_vocabulary(const JsonNode& node) {
  Vocabulary vocabulary;
  node.each_member([&](std::string_view token, const JsonNode& id) { vocabulary.emplace_back(token, id.number()); });
  if (vocabulary.empty()) node.fault("expected at least one token");
  return vocabulary;
}

/// What `made` holds, or null and a fault of `node`.
ModelPointer take(Result<ModelPointer> made, const JsonNode& node) {
  if (made) return *std::move(made);
  node.fault(made.error().message);
  return nullptr;
}

ModelPointer read_word_piece(const JsonNode& node) {
  node.allow({"type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"});
  WordPieceOptions options;
  options.unk_token = node["unk_token"].text();
  options.continuing_subword_prefix = node["continuing_subword_prefix"].text();
  options.max_input_chars_per_word = node["max_input_chars_per_word"].number();
  auto vocabulary = read_vocabulary(node["vocab"]);
  if (node.faults().any()) return nullptr;
  return take(word_piece(std::move(vocabulary), options), node);
}

// Either ["a", "b"], or "a b" as files before 2024 have it.
Merges read_merges(const JsonNode& node) {
  Merges merges;
  node.each_element([&](const JsonNode& merge) {
    if (merge.is_string()) {
      const std::string text = merge.text();
      const std::size_t blank = text.find(' ');
      if (text.starts_with("#version")) return;
      if (blank == std::string::npos || text.find(' ', blank + 1) != std::string::npos) {
        return merge.fault("expected two tokens with one blank between, found \"" + text + '"');
      }
      merges.emplace_back(text.substr(0, blank), text.substr(blank + 1));
      return;
    }
    std::vector<std::string> pair;
    merge.each_element([&](const JsonNode& token) { pair.push_back(token.text()); });
    if (pair.size() != 2) return merge.fault("expected two tokens, found " + std::to_string(pair.size()));
    merges.emplace_back(std::move(pair[0]), std::move(pair[1]));
  });
  return merges;
}

ModelPointer read_bpe(const JsonNode& node) {
  node.allow({"type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
              "byte_fallback", "ignore_merges", "vocab", "merges"});
  const JsonNode dropout = node["dropout"];
  if (dropout.given() && dropout.real() != 0) dropout.fault("dropout is for training: expected null");
  BpeOptions options;
  if (node["unk_token"].given()) options.unk_token = node["unk_token"].text();
  options.continuing_subword_prefix = node["continuing_subword_prefix"].text_or("");
  options.end_of_word_suffix = node["end_of_word_suffix"].text_or("");
  options.fuse_unk = node["fuse_unk"].boolean_or(false);
  options.byte_fallback = node["byte_fallback"].boolean_or(false);
  options.ignore_merges = node["ignore_merges"].boolean_or(false);
  auto vocabulary = read_vocabulary(node["vocab"]);
  const Merges merges = read_merges(node["merges"]);
  if (node.faults().any()) return nullptr;
  return take(bpe(std::move(vocabulary), merges, std::move(options)), node["merges"]);
}

ModelPointer read_unigram(const JsonNode& node) {
  node.allow({"type", "unk_id", "vocab", "byte_fallback"});
  std::optional<std::size_t> unknown;
  if (node["unk_id"].given()) unknown = node["unk_id"].number();
  std::vector<std::pair<std::string, double>> vocabulary;
  node["vocab"].each_element([&](const JsonNode& entry) {
    std::string token;
    double score = 0;
    std::size_t at = 0;
    entry.each_element([&](const JsonNode& part) {
      if (at == 0) token = part.text();
      if (at == 1) score = part.real();
      ++at;
    });
    if (at != 2) entry.fault("expected a token and its score");
    vocabulary.emplace_back(std::move(token), score);
  });
  if (vocabulary.empty()) node["vocab"].fault("expected at least one token");
  const bool byte_fallback = node["byte_fallback"].boolean_or(false);
  if (node.faults().any()) return nullptr;
  return take(unigram(vocabulary, unknown, byte_fallback), node);
}

/// Files before 2020 have no "type": their members tell.
std::string guess_type(const JsonNode& node) {
  if (node["merges"].given()) return "BPE";
  if (node["max_input_chars_per_word"].given()) return "WordPiece";
  if (node["vocab"].is_array()) return "Unigram";
  return "";
}

}  // namespace

ModelPointer read_model(const JsonNode& node) {
  std::string type = node.is_object() && !node["type"].given() ? guess_type(node) : "";
  if (type.empty()) type = read_type(node);
  if (type == "WordPiece") return read_word_piece(node);
  if (type == "BPE") return read_bpe(node);
  if (type == "Unigram") return read_unigram(node);
  refuse_type(node, type, "BPE, Unigram, WordPiece");
  return nullptr;
}

}  // namespace triage::tokenize
