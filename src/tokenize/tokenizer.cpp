#include "tokenize/tokenizer.hpp"

#include "json/json.hpp"

#include <algorithm>
#include <utility>

namespace triage::tokenize {

namespace {

/// The tokens that are found in the normalized text if `normalized`, else those found in the text as it comes.
AddedTokens choose(const std::vector<AddedToken>& tokens, bool normalized, const Normalizer* normalizer) {
  std::vector<AddedToken> chosen;
  for (AddedToken token : tokens) {
    if (token.normalized != normalized) continue;
    if (normalized && normalizer != nullptr) {
      Text text{token.content};
      // What is left is looked for as it is if the normalizer fails, and not at all if nothing is left.
      if (normalizer->apply(text) == nullptr) token.content = std::move(text.bytes);
    }
    if (!token.content.empty()) chosen.push_back(std::move(token));
  }
  return AddedTokens(std::move(chosen));
}

}  // namespace

Tokenizer::Tokenizer(Parts parts)
    : parts_(std::move(parts)),
      plain_(choose(parts_.added_tokens, false, nullptr)),
      normalized_(choose(parts_.added_tokens, true, parts_.normalizer.get())) {
  pad_id_ = parts_.pad_id ? *parts_.pad_id : id_of("[PAD]").value_or(id_of("<pad>").value_or(0));
}

std::optional<std::uint32_t> Tokenizer::id_of(std::string_view token) const {
  for (const AddedToken& added : parts_.added_tokens) {
    if (added.content == token) return added.id;
  }
  return parts_.model->id_of(token);
}

std::size_t Tokenizer::ids() const noexcept {
  std::size_t count = std::max(parts_.model->ids(), parts_.post_processor.ids());
  for (const AddedToken& added : parts_.added_tokens) count = std::max<std::size_t>(count, added.id + std::size_t{1});
  return count;
}

Result<Encoding> Tokenizer::encode(std::string_view text, std::size_t tokens_max) const {
  const auto refuse = [](std::string message) { return Error{ErrorCode::invalid_value, std::move(message)}; };
  if (text.size() > text_bytes_max) {
    return refuse("a text of " + std::to_string(text.size()) + " bytes is too long for a tokenizer, which takes " +
                  std::to_string(text_bytes_max));
  }
  if (tokens_max < special_tokens()) {
    return refuse("a limit of " + std::to_string(tokens_max) + " tokens has no room for the " +
                  std::to_string(special_tokens()) + " special tokens that the tokenizer adds");
  }
  const std::size_t ids_max = tokens_max == unlimited ? unlimited : tokens_max - special_tokens();
  // One more tells that the text was longer. To drop the first ones, all are needed.
  const std::size_t wanted = parts_.truncate_left || ids_max == unlimited ? unlimited : ids_max + 1;
  Encoding encoding;
  const bool valid = !find_invalid_utf8(text);
  const Problem problem = encode_text(valid ? text : std::string_view(valid_utf8(text)), wanted, encoding.ids);
  if (problem != nullptr) return refuse(std::string("the tokenizer cannot encode the text: ") + problem);
  if (encoding.ids.size() > ids_max) {
    encoding.truncated = true;
    if (parts_.truncate_left) {
      encoding.ids.erase(encoding.ids.begin(), encoding.ids.end() - static_cast<std::ptrdiff_t>(ids_max));
    } else {
      encoding.ids.resize(ids_max);
    }
  }
  encoding.type_ids.resize(encoding.ids.size());
  parts_.post_processor.apply(encoding);
  return encoding;
}

Problem Tokenizer::encode_text(std::string_view text, std::size_t ids_max, Ids& ids) const {
  for (const Stretch& stretch : plain_.find(text)) {
    if (ids.size() >= ids_max) return nullptr;
    if (stretch.id) {
      ids.push_back(*stretch.id);
      continue;
    }
    Text between{std::string(text.substr(stretch.begin, stretch.end - stretch.begin)), stretch.begin == 0};
    if (const Problem problem = encode_stretch(std::move(between), ids_max, ids)) return problem;
  }
  return nullptr;
}

Problem Tokenizer::encode_stretch(Text text, std::size_t ids_max, Ids& ids) const {
  if (parts_.normalizer != nullptr) {
    if (const Problem problem = parts_.normalizer->apply(text)) return problem;
  }
  if (normalized_.empty()) return encode_pieces(std::move(text), ids_max, ids);
  for (const Stretch& stretch : normalized_.find(text.bytes)) {
    if (ids.size() >= ids_max) return nullptr;
    if (stretch.id) {
      ids.push_back(*stretch.id);
      continue;
    }
    Text between{text.bytes.substr(stretch.begin, stretch.end - stretch.begin), text.at_start && stretch.begin == 0};
    if (const Problem problem = encode_pieces(std::move(between), ids_max, ids)) return problem;
  }
  return nullptr;
}

Problem Tokenizer::encode_pieces(Text text, std::size_t ids_max, Ids& ids) const {
  if (text.bytes.empty()) return nullptr;
  Pieces pieces;
  pieces.list.push_back({0, text.bytes.size(), text.at_start});
  pieces.text = std::move(text.bytes);
  if (parts_.pre_tokenizer != nullptr) {
    if (const Problem problem = parts_.pre_tokenizer->apply(pieces)) return problem;
  }
  for (const Piece& piece : pieces.list) {
    if (ids.size() >= ids_max) return nullptr;
    if (const Problem problem = parts_.model->tokenize(pieces[piece], ids)) return problem;
  }
  return nullptr;
}

}  // namespace triage::tokenize
