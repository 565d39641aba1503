#pragma once
// The post-processors of tokenizer.json: where the special tokens go around the tokens of a text.

#include "tokenize/model.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace triage::tokenize {

struct Encoding;

/// A part of a template: the tokens of the text, or special tokens.
struct TemplatePart {
  bool is_text = false;
  std::int64_t type_id = 0;
  Ids special;  ///< empty if is_text
};

/// Templates, applied one after the other. Immutable and thread-safe.
class PostProcessor {
 public:
  PostProcessor() = default;

  /// Each template's text has the tokens that the template before put together. With `keep_type_ids` they keep their
  /// type ids.
  void add(std::vector<TemplatePart> parts, bool keep_type_ids);

  /// How many special tokens are added to a text.
  [[nodiscard]] std::size_t added() const noexcept { return added_; }
  /// One more than the largest of their ids; 0 without any.
  [[nodiscard]] std::size_t ids() const noexcept { return ids_; }
  void apply(Encoding& encoding) const;

 private:
  struct Template {
    std::vector<TemplatePart> parts;
    bool keep_type_ids;
  };
  std::vector<Template> templates_;
  std::size_t added_ = 0;
  std::size_t ids_ = 0;
};

}  // namespace triage::tokenize
