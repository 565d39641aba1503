#include "tokenize/model.hpp"
#include "tokenize/trie.hpp"
#include "tokenize/unicode.hpp"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <limits>

namespace triage::tokenize {

namespace {

struct Merge {
  std::uint32_t rank;
  std::uint32_t id;  // of the merged token
};

// The merges by pair of ids.
class MergeTable {
 public:
  void set(std::uint32_t left, std::uint32_t right, Merge merge) { merges_[key(left, right)] = merge; }
  [[nodiscard]] const Merge* find(std::uint32_t left, std::uint32_t right) const {
    const auto found = merges_.find(key(left, right));
    return found == merges_.end() ? nullptr : &found->second;
  }

 private:
  static std::uint64_t key(std::uint32_t left, std::uint32_t right) { return std::uint64_t{left} << 32 | right; }
  boost::unordered_flat_map<std::uint64_t, Merge> merges_;
};

// A piece on its way from characters to tokens: a linked list, and a heap of the merges that are possible in it.
class Word {
 public:
  explicit Word(const MergeTable& merges) : merges_(merges) {}

  void add(std::uint32_t id) {
    const auto at = static_cast<std::uint32_t>(symbols_.size());
    symbols_.push_back({id, at - 1, at + 1, true});
  }
  [[nodiscard]] bool empty() const { return symbols_.empty(); }

  void merge() {
    for (std::uint32_t at = 0; at + 1 < symbols_.size(); ++at) {
      if (const Merge* const found = merges_.find(symbols_[at].id, symbols_[at + 1].id)) {
        heap_.push_back({found->rank, at, found->id});
      }
    }
    std::make_heap(heap_.begin(), heap_.end(), later);
    while (!heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      const Candidate candidate = heap_.back();
      heap_.pop_back();
      apply(candidate);
    }
  }

  void append_to(Ids& ids) const {
    for (const Symbol& symbol : symbols_) {
      if (symbol.alive) ids.push_back(symbol.id);
    }
  }

 private:
  struct Symbol {
    std::uint32_t id;
    std::uint32_t previous;  // beyond the end: there is none
    std::uint32_t next;      // the same
    bool alive;
  };
  struct Candidate {
    std::uint32_t rank;
    std::uint32_t at;
    std::uint32_t id;
  };
  static bool later(const Candidate& a, const Candidate& b) { return a.rank != b.rank ? a.rank > b.rank : a.at > b.at; }

  void offer(std::uint32_t left, std::uint32_t right) {
    if (left >= symbols_.size() || right >= symbols_.size()) return;
    const Merge* const found = merges_.find(symbols_[left].id, symbols_[right].id);
    if (found == nullptr) return;
    heap_.push_back({found->rank, left, found->id});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  void apply(const Candidate& candidate) {
    Symbol& left = symbols_[candidate.at];
    if (!left.alive || left.next >= symbols_.size()) return;
    Symbol& right = symbols_[left.next];
    const Merge* const found = merges_.find(left.id, right.id);
    if (found == nullptr || found->id != candidate.id) return;  // one of the two has changed since
    left.id = candidate.id;
    right.alive = false;
    left.next = right.next;
    if (left.next < symbols_.size()) symbols_[left.next].previous = candidate.at;
    offer(left.previous, candidate.at);
    offer(candidate.at, left.next);
  }

  const MergeTable& merges_;
  std::vector<Symbol> symbols_;
  std::vector<Candidate> heap_;
};

class Bpe final : public Model {
 public:
  Bpe(Trie trie, MergeTable merges, BpeOptions options)
      : trie_(std::move(trie)),
        merges_(std::move(merges)),
        options_(std::move(options)),
        affixed_(!options_.continuing_subword_prefix.empty() || !options_.end_of_word_suffix.empty()),
        unknown_(options_.unk_token ? trie_.find(*options_.unk_token) : Trie::none) {
    for (unsigned byte = 0; byte < bytes_.size(); ++byte) {
      bytes_[byte] = options_.byte_fallback ? trie_.find(byte_token(static_cast<unsigned char>(byte))) : Trie::none;
    }
  }

  [[nodiscard]] Problem tokenize(std::string_view piece, Ids& ids) const override {
    if (options_.ignore_merges) {
      const std::uint32_t whole = trie_.find(piece);
      if (whole != Trie::none) {
        ids.push_back(whole);
        return nullptr;
      }
    }
    Word word(merges_);
    if (!add_characters(piece, word)) return "a character is no token, and unk_token is not in the vocabulary";
    word.merge();
    word.append_to(ids);
    return nullptr;
  }

  [[nodiscard]] std::optional<std::uint32_t> id_of(std::string_view token) const override {
    const std::uint32_t id = trie_.find(token);
    return id == Trie::none ? std::nullopt : std::optional(id);
  }
  [[nodiscard]] std::size_t size() const override { return trie_.size(); }
  [[nodiscard]] std::size_t ids() const override { return trie_.values(); }

 private:
  [[nodiscard]] std::uint32_t find_character(std::string_view piece, std::size_t begin, std::size_t end,
                                             std::string& spelled) const {
    const std::string_view character = piece.substr(begin, end - begin);
    if (!affixed_) return trie_.find(character);
    spelled = begin > 0 ? options_.continuing_subword_prefix : std::string();
    spelled += character;
    if (end == piece.size()) spelled += options_.end_of_word_suffix;
    return trie_.find(spelled);
  }

  // False: an unknown token is needed, and there is none.
  [[nodiscard]] bool add_characters(std::string_view piece, Word& word) const {
    bool unknown = false;  // an unknown token is to be added before the next known one
    std::string spelled;
    for (std::size_t begin = 0, end = 0; begin < piece.size(); begin = end) {
      decode(piece, end);
      const std::uint32_t id = find_character(piece, begin, end, spelled);
      if (id != Trie::none) {
        if (std::exchange(unknown, false)) word.add(unknown_);
        word.add(id);
        continue;
      }
      if (add_bytes(affixed_ ? std::string_view(spelled) : piece.substr(begin, end - begin), word)) continue;
      if (!options_.unk_token) continue;  // the reference drops it
      if (unknown_ == Trie::none) return false;
      if (unknown && !options_.fuse_unk) word.add(unknown_);
      unknown = true;
    }
    if (unknown) word.add(unknown_);
    return true;
  }

  [[nodiscard]] bool add_bytes(std::string_view character, Word& word) const {
    const auto token = [&](char byte) { return bytes_[static_cast<unsigned char>(byte)]; };
    if (std::any_of(character.begin(), character.end(), [&](char byte) { return token(byte) == Trie::none; })) {
      return false;
    }
    for (const char byte : character) word.add(token(byte));
    return true;
  }

  Trie trie_;
  MergeTable merges_;
  BpeOptions options_;
  bool affixed_;
  std::uint32_t unknown_;  // or Trie::none
  std::array<std::uint32_t, 256> bytes_{};
};

}  // namespace

Result<ModelPointer> bpe(Vocabulary vocabulary, const Merges& merges, BpeOptions options) {
  Trie trie(std::move(vocabulary));
  MergeTable table;
  std::uint32_t rank = 0;
  const auto refuse = [&](std::string_view token) {
    return Error{ErrorCode::invalid_config, "merge " + std::to_string(rank) + " needs the token \"" +
                                                std::string(token) + "\", which the vocabulary lacks"};
  };
  for (const auto& [left, right] : merges) {
    const std::string_view tail =
        std::string_view(right).substr(std::min(right.size(), options.continuing_subword_prefix.size()));
    const std::string merged = left + std::string(tail);
    const std::uint32_t ids[] = {trie.find(left), trie.find(right), trie.find(merged)};
    if (ids[0] == Trie::none) return refuse(left);
    if (ids[1] == Trie::none) return refuse(right);
    if (ids[2] == Trie::none) return refuse(merged);
    table.set(ids[0], ids[1], {rank++, ids[2]});
  }
  return ModelPointer(std::make_unique<Bpe>(std::move(trie), std::move(table), std::move(options)));
}

}  // namespace triage::tokenize
