#include "tokenize/post_processor.hpp"

#include "tokenize/tokenizer.hpp"

#include <algorithm>
#include <utility>

namespace triage::tokenize {

void PostProcessor::add(std::vector<TemplatePart> parts, bool keep_type_ids) {
  for (const TemplatePart& part : parts) {
    added_ += part.special.size();
    for (const std::int64_t id : part.special) ids_ = std::max(ids_, static_cast<std::size_t>(id) + 1);
  }
  templates_.push_back({std::move(parts), keep_type_ids});
}

void PostProcessor::apply(Encoding& encoding) const {
  for (const Template& around : templates_) {
    Ids ids;
    Ids type_ids;
    ids.reserve(encoding.ids.size() + added_);
    type_ids.reserve(encoding.ids.size() + added_);
    for (const TemplatePart& part : around.parts) {
      const Ids& tokens = part.is_text ? encoding.ids : part.special;
      ids.insert(ids.end(), tokens.begin(), tokens.end());
      if (part.is_text && around.keep_type_ids) {
        type_ids.insert(type_ids.end(), encoding.type_ids.begin(), encoding.type_ids.end());
      } else {
        type_ids.insert(type_ids.end(), tokens.size(), part.type_id);
      }
    }
    encoding.ids = std::move(ids);
    encoding.type_ids = std::move(type_ids);
  }
}

}  // namespace triage::tokenize
