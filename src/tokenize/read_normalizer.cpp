#include "tokenize/read.hpp"

#include <openssl/evp.h>

#include <utility>

namespace triage::tokenize {

namespace {

constexpr std::string_view supported =
    "BertNormalizer, ByteLevel, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, Replace, Sequence, Strip, "
    "StripAccents";

NormalizerPointer read_bert(const JsonNode& node) {
  node.allow({"type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase"});
  BertCleaning cleaning;
  cleaning.clean_text = node["clean_text"].boolean();
  cleaning.handle_chinese_chars = node["handle_chinese_chars"].boolean();
  cleaning.lowercase = node["lowercase"].boolean();
  cleaning.strip_accents = node["strip_accents"].boolean_or(cleaning.lowercase);
  return bert_normalizer(cleaning);
}

std::optional<std::string> base64(const std::string& text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

NormalizerPointer read_precompiled(const JsonNode& node) {
  node.allow({"type", "precompiled_charsmap"});
  const JsonNode charsmap = node["precompiled_charsmap"];
  auto bytes = base64(charsmap.text());
  if (!bytes) {
    charsmap.fault("expected base64");
    return nullptr;
  }
  auto made = precompiled_normalizer(*std::move(bytes));
  if (!made) {
    charsmap.fault(made.error().message);
    return nullptr;
  }
  return *std::move(made);
}

NormalizerPointer read_sequence(const JsonNode& node, int depth) {
  node.allow({"type", "normalizers"});
  if (depth >= nesting_max) node.fault("sequences are nested too deeply");
  std::vector<NormalizerPointer> parts;
  node["normalizers"].each_element([&](const JsonNode& part) { parts.push_back(read_normalizer(part, depth + 1)); });
  return normalizer_sequence(std::move(parts));
}

NormalizerPointer read_plain(const JsonNode& node, std::string_view type) {
  using Make = NormalizerPointer (*)();
  constexpr std::pair<std::string_view, Make> plain[] = {
      {"NFC", nfc_normalizer},
      {"NFD", nfd_normalizer},
      {"NFKC", nfkc_normalizer},
      {"NFKD", nfkd_normalizer},
      {"Lowercase", lowercase_normalizer},
      {"StripAccents", strip_accents_normalizer},
      {"Nmt", nmt_normalizer},
      {"ByteLevel", byte_level_normalizer},
  };
  for (const auto& [name, make] : plain) {
    if (name != type) continue;
    node.allow({"type"});
    return make();
  }
  refuse_type(node, type, supported);
  return nullptr;
}

}  // namespace

NormalizerPointer read_normalizer(const JsonNode& node, int depth) {
  const std::string type = read_type(node);
  if (type == "BertNormalizer") return read_bert(node);
  if (type == "Precompiled") return read_precompiled(node);
  if (type == "Sequence") return read_sequence(node, depth);
  if (type == "Strip") {
    node.allow({"type", "strip_left", "strip_right"});
    return strip_normalizer(node["strip_left"].boolean(), node["strip_right"].boolean());
  }
  if (type == "Prepend") {
    node.allow({"type", "prepend"});
    return prepend_normalizer(node["prepend"].text());
  }
  if (type == "Replace") {
    node.allow({"type", "pattern", "content"});
    auto pattern = read_pattern(node["pattern"]);
    return pattern ? replace_normalizer(*std::move(pattern), node["content"].text()) : nullptr;
  }
  return read_plain(node, type);
}

}  // namespace triage::tokenize
