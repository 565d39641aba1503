#include "tokenize/trie.hpp"

#include <algorithm>
#include <cstring>

namespace triage::tokenize {

namespace {

// The entries [begin, end) share their first `depth` bytes, which are the path of one node.
struct Span {
  std::size_t begin;
  std::size_t end;
};

}  // namespace

Trie::Trie(std::vector<std::pair<std::string, std::uint32_t>> entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& entry : entries) values_ = std::max(values_, entry.second + std::size_t{1});
  nodes_.emplace_back();
  bytes_ += '\0';
  std::vector<Span> level{{0, entries.size()}};
  for (std::size_t depth = 0, node = 0; !level.empty(); ++depth) {
    std::vector<Span> next;
    for (const Span& span : level) {
      std::size_t at = span.begin;
      nodes_[node].first_child = static_cast<std::uint32_t>(nodes_.size());
      for (; at < span.end && entries[at].first.size() == depth; ++at) {
        size_ += nodes_[node].value == none ? 1 : 0;
        nodes_[node].value = entries[at].second;
      }
      while (at < span.end) {
        const char byte = entries[at].first[depth];
        const std::size_t begin = at;
        while (at < span.end && entries[at].first[depth] == byte) ++at;
        next.push_back({begin, at});
        nodes_.emplace_back();
        bytes_ += byte;
      }
      ++node;
    }
    level = std::move(next);
  }
  nodes_.push_back({static_cast<std::uint32_t>(nodes_.size()), none});  // where the last node's children end
  nodes_.shrink_to_fit();
  bytes_.shrink_to_fit();
}

std::uint32_t Trie::child(std::uint32_t node, char byte) const noexcept {
  const std::uint32_t first = nodes_[node].first_child;
  const char* const begin = bytes_.data() + first;
  const std::size_t count = nodes_[node + 1].first_child - first;
  if (count < 8) {
    for (std::size_t at = 0; at < count; ++at) {
      if (begin[at] == byte) return first + static_cast<std::uint32_t>(at);
    }
    return none;
  }
  const void* const found = std::memchr(begin, byte, count);
  return found == nullptr ? none : first + static_cast<std::uint32_t>(static_cast<const char*>(found) - begin);
}

std::uint32_t Trie::descend(std::uint32_t node, std::string_view path) const noexcept {
  for (const char byte : path) {
    node = child(node, byte);
    if (node == none) return none;
  }
  return node;
}

Trie::Match Trie::longest(std::string_view text, std::uint32_t node) const noexcept {
  Match match;
  for (std::size_t at = 0; at < text.size(); ++at) {
    node = child(node, text[at]);
    if (node == none) break;
    if (value(node) != none) match = {at + 1, value(node)};
  }
  return match;
}

}  // namespace triage::tokenize
