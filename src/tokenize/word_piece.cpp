#include "tokenize/model.hpp"
#include "tokenize/trie.hpp"

#include <algorithm>

namespace triage::tokenize {

namespace {

class WordPiece final : public Model {
 public:
  WordPiece(Trie trie, std::uint32_t unknown, const WordPieceOptions& options)
      : trie_(std::move(trie)),
        continuing_(trie_.descend(Trie::root, options.continuing_subword_prefix)),
        unknown_(unknown),
        characters_max_(options.max_input_chars_per_word) {}

  [[nodiscard]] Problem tokenize(std::string_view piece, Ids& ids) const override {
    const std::size_t before = ids.size();
    const auto is_unknown = [&] {
      ids.resize(before);
      ids.push_back(unknown_);
      return nullptr;
    };
    if (piece.size() > characters_max_) {
      const auto characters =
          std::count_if(piece.begin(), piece.end(), [](char byte) { return (byte & 0xc0) != 0x80; });
      if (static_cast<std::size_t>(characters) > characters_max_) return is_unknown();
    }
    std::uint32_t from = Trie::root;
    while (!piece.empty()) {
      if (from == Trie::none) return is_unknown();
      const Trie::Match match = trie_.longest(piece, from);
      if (match.value == Trie::none) return is_unknown();
      ids.push_back(match.value);
      piece.remove_prefix(match.length);
      from = continuing_;
    }
    return nullptr;
  }

  [[nodiscard]] std::optional<std::uint32_t> id_of(std::string_view token) const override {
    const std::uint32_t id = trie_.find(token);
    return id == Trie::none ? std::nullopt : std::optional(id);
  }
  [[nodiscard]] std::size_t size() const override { return trie_.size(); }
  [[nodiscard]] std::size_t ids() const override { return trie_.values(); }

 private:
  Trie trie_;
  std::uint32_t continuing_;
  std::uint32_t unknown_;
  std::size_t characters_max_;
};

}  // namespace

Result<ModelPointer> word_piece(Vocabulary vocabulary, const WordPieceOptions& options) {
  Trie trie(std::move(vocabulary));
  const std::uint32_t unknown = trie.find(options.unk_token);
  if (unknown == Trie::none) {
    return Error{ErrorCode::invalid_config, "the vocabulary lacks the unknown token \"" + options.unk_token + '"'};
  }
  return ModelPointer(std::make_unique<WordPiece>(std::move(trie), unknown, options));
}

}  // namespace triage::tokenize
