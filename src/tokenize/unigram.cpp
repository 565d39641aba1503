#include "tokenize/model.hpp"
#include "tokenize/trie.hpp"
#include "tokenize/unicode.hpp"

#include <algorithm>
#include <array>

namespace triage::tokenize {

std::string byte_token(unsigned char byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return std::string("<0x") + digits[byte >> 4] + digits[byte & 15] + '>';
}

namespace {

class Unigram final : public Model {
 public:
  Unigram(Trie trie, std::vector<double> scores, std::uint32_t unknown, bool byte_fallback)
      : trie_(std::move(trie)), scores_(std::move(scores)), unknown_(unknown) {
    const auto lowest = std::min_element(scores_.begin(), scores_.end());
    unknown_score_ = (lowest == scores_.end() ? 0 : *lowest) - 10;  // SentencePiece's penalty
    for (unsigned byte = 0; byte < bytes_.size(); ++byte) {
      bytes_[byte] = byte_fallback ? trie_.find(byte_token(static_cast<unsigned char>(byte))) : Trie::none;
    }
  }

  [[nodiscard]] Problem tokenize(std::string_view piece, Ids& ids) const override {
    std::vector<Node> nodes(piece.size() + 1);
    if (!fill(piece, nodes)) return "a character is no token, and the model has no unk_id";
    std::vector<Stretch> path;
    for (std::size_t end = piece.size(); end > 0; end = nodes[end].begin) {
      const Node& node = nodes[end];
      // Unknown characters in a row are one.
      if (node.id == unknown_ && !path.empty() && path.back().id == unknown_) {
        path.back().begin = node.begin;
      } else {
        path.push_back({node.begin, end, node.id});
      }
    }
    for (auto stretch = path.rbegin(); stretch != path.rend(); ++stretch) {
      if (stretch->id == unknown_) {
        append_unknown(piece.substr(stretch->begin, stretch->end - stretch->begin), ids);
      } else {
        ids.push_back(stretch->id);
      }
    }
    return nullptr;
  }

  [[nodiscard]] std::optional<std::uint32_t> id_of(std::string_view token) const override {
    const std::uint32_t id = trie_.find(token);
    return id == Trie::none ? std::nullopt : std::optional(id);
  }
  [[nodiscard]] std::size_t size() const override { return scores_.size(); }
  [[nodiscard]] std::size_t ids() const override { return scores_.size(); }

 private:
  struct Node {  // the best way to the offset where it stands
    double score = 0;
    std::uint32_t begin = 0;
    std::uint32_t id = Trie::none;
    bool reached = false;
  };
  struct Stretch {
    std::size_t begin;
    std::size_t end;
    std::uint32_t id;
  };

  [[nodiscard]] bool fill(std::string_view piece, std::vector<Node>& nodes) const {
    for (std::size_t begin = 0, next = 0; begin < piece.size(); begin = next) {
      decode(piece, next);
      const double here = nodes[begin].score;
      const auto offer = [&](std::size_t length, double score, std::uint32_t id) {
        Node& node = nodes[begin + length];
        if (node.reached && here + score <= node.score) return true;
        node = {here + score, static_cast<std::uint32_t>(begin), id, true};
        return id != Trie::none;
      };
      bool single = false;
      trie_.each_prefix(piece.substr(begin), [&](std::size_t length, std::uint32_t id) {
        offer(length, scores_[id], id);
        single = single || length == next - begin;
      });
      if (!single && !offer(next - begin, unknown_score_, unknown_)) return false;
    }
    return true;
  }

  void append_unknown(std::string_view text, Ids& ids) const {
    const std::uint32_t id = trie_.find(text);
    if (id != Trie::none) return ids.push_back(id);
    const auto token = [&](char byte) { return bytes_[static_cast<unsigned char>(byte)]; };
    if (std::any_of(text.begin(), text.end(), [&](char byte) { return token(byte) == Trie::none; })) {
      return ids.push_back(unknown_);
    }
    for (const char byte : text) ids.push_back(token(byte));
  }

  Trie trie_;
  std::vector<double> scores_;
  std::uint32_t unknown_;  // or Trie::none
  double unknown_score_;
  std::array<std::uint32_t, 256> bytes_{};
};

}  // namespace

Result<ModelPointer> unigram(const std::vector<std::pair<std::string, double>>& vocabulary,
                             std::optional<std::size_t> unk_id, bool byte_fallback) {
  if (unk_id && *unk_id >= vocabulary.size()) {
    return Error{ErrorCode::invalid_config, "unk_id " + std::to_string(*unk_id) +
                                                " is beyond the vocabulary, which has " +
                                                std::to_string(vocabulary.size()) + " tokens"};
  }
  Vocabulary tokens;
  std::vector<double> scores;
  for (const auto& [token, score] : vocabulary) {
    tokens.emplace_back(token, static_cast<std::uint32_t>(scores.size()));
    scores.push_back(score);
  }
  const auto unknown = unk_id ? static_cast<std::uint32_t>(*unk_id) : Trie::none;
  return ModelPointer(std::make_unique<Unigram>(Trie(std::move(tokens)), std::move(scores), unknown, byte_fallback));
}

}  // namespace triage::tokenize
