#include "tokenize/read.hpp"
#include "tokenize/tokenizer.hpp"

#include <unordered_map>
#include <utility>

namespace triage::tokenize {

std::string read_type(const JsonNode& node) {
  if (!node.is_object()) {
    node.expected("an object");
    return "";
  }
  return node["type"].text();
}

void refuse_type(const JsonNode& node, std::string_view type, std::string_view supported) {
  node["type"].fault('"' + std::string(type) + "\" is not supported. Supported are: " + std::string(supported));
}

namespace {

void read_truncation(const JsonNode& node, Tokenizer::Parts& parts) {
  if (!node.given()) return;
  node.allow({"direction", "max_length", "strategy", "stride"});
  parts.tokens_max = node["max_length"].number();
  const std::string direction = node["direction"].text_or("Right");
  parts.truncate_left = direction == "Left";
  if (direction != "Left" && direction != "Right") node["direction"].fault("expected \"Left\" or \"Right\"");
  const std::string strategy = node["strategy"].text();
  if (strategy != "LongestFirst" && strategy != "OnlyFirst") {
    node["strategy"].fault('"' + strategy + "\" does not fit one text: expected \"LongestFirst\" or \"OnlyFirst\"");
  }
  if (parts.tokens_max < parts.post_processor.added()) {
    node["max_length"].fault(std::to_string(parts.tokens_max) + " has no room for the " +
                             std::to_string(parts.post_processor.added()) + " special tokens");
  }
}

/// Texts are not padded here, but whoever pads them needs the token.
void read_padding(const JsonNode& node, Tokenizer::Parts& parts) {
  if (node.given()) parts.pad_id = node["pad_id"].number();
}

AddedToken read_added_token(const JsonNode& node) {
  node.allow({"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"});
  AddedToken token;
  token.id = node["id"].number();
  token.content = node["content"].text();
  token.single_word = node["single_word"].boolean();
  token.lstrip = node["lstrip"].boolean();
  token.rstrip = node["rstrip"].boolean();
  token.normalized = node["normalized"].boolean();
  static_cast<void>(node["special"].boolean());
  if (token.content.size() > AddedTokens::bytes_max) {
    node["content"].fault("is longer than " + std::to_string(AddedTokens::bytes_max) + " bytes");
  }
  return token;
}

/// Takes the added tokens in. The reference gives ids itself: a token of the model's vocabulary keeps its own, others
/// get the next ones. Where the file says otherwise, one of the two is wrong.
class AddedTokensReader {
 public:
  explicit AddedTokensReader(Tokenizer::Parts& parts)
      : parts_(parts), next_(static_cast<std::uint32_t>(parts.model->size())) {}

  void add(const JsonNode& node, AddedToken token) {
    if (const auto seen = places_.find(token.content); seen != places_.end()) {
      check(node, token, parts_.added_tokens[seen->second].id, "the same token before it has ");
      parts_.added_tokens[seen->second] = std::move(token);
      return;
    }
    const auto known = parts_.model->id_of(token.content);
    check(node, token, known ? *known : next_++, known ? "the vocabulary says " : "the next free one is ");
    places_.emplace(token.content, parts_.added_tokens.size());
    parts_.added_tokens.push_back(std::move(token));
  }

 private:
  static void check(const JsonNode& node, const AddedToken& token, std::uint32_t expected, const char* why) {
    if (token.id == expected) return;
    node["id"].fault('"' + token.content + "\" has the id " + std::to_string(token.id) + ", but " + why +
                     std::to_string(expected));
  }

  Tokenizer::Parts& parts_;
  std::uint32_t next_;
  std::unordered_map<std::string, std::size_t> places_;  // in the parts' added tokens
};

void read_added_tokens(const JsonNode& node, Tokenizer::Parts& parts) {
  if (!node.given()) return;
  AddedTokensReader reader(parts);
  node.each_element([&](const JsonNode& element) {
    AddedToken token = read_added_token(element);
    if (!node.faults().any() && !token.content.empty()) reader.add(element, std::move(token));
  });
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> read_tokenizer_json(std::string_view content) {
  const auto refuse = [](std::string message) { return Error{ErrorCode::invalid_config, std::move(message)}; };
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto error = parser.parse(content.data(), content.size()).get(root)) {
    return refuse(std::string("is not JSON: ") + simdjson::error_message(error));
  }
  Faults faults;
  const JsonNode file(root, "", faults);
  file.allow({"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor",
              "decoder", "model"});
  const std::string version = file["version"].text_or("1.0");
  if (version != "1.0") file["version"].fault('"' + version + "\" is not supported. Supported is: 1.0");
  Tokenizer::Parts parts;
  if (file["normalizer"].given()) parts.normalizer = read_normalizer(file["normalizer"]);
  if (file["pre_tokenizer"].given()) parts.pre_tokenizer = read_pre_tokenizer(file["pre_tokenizer"]);
  if (file["post_processor"].given()) read_post_processor(file["post_processor"], parts.post_processor);
  read_truncation(file["truncation"], parts);
  read_padding(file["padding"], parts);
  if (!faults.any()) parts.model = read_model(file["model"]);
  if (!faults.any()) read_added_tokens(file["added_tokens"], parts);
  if (faults.any()) return refuse(faults.first());
  return std::make_shared<const Tokenizer>(std::move(parts));
}

}  // namespace triage::tokenize
