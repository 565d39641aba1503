#pragma once
// A set of byte strings with values, for finding those that a text goes on with at some place.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::tokenize {

/// Immutable and thread-safe. A search takes time linear in the length of the longest string.
class Trie {
 public:
  static constexpr std::uint32_t root = 0;
  static constexpr std::uint32_t none = 0xffffffff;

  /// Of equal strings the last one's value counts. The sum of all lengths must be below 2^31. A value may not be
  /// `none`.
  explicit Trie(std::vector<std::pair<std::string, std::uint32_t>> entries = {});

  /// The node that `byte` leads to, or `none`.
  [[nodiscard]] std::uint32_t child(std::uint32_t node, char byte) const noexcept;
  /// The value of the string that ends in `node`, or `none`.
  [[nodiscard]] std::uint32_t value(std::uint32_t node) const noexcept { return nodes_[node].value; }

  /// The node at the end of `path`, or `none`.
  [[nodiscard]] std::uint32_t descend(std::uint32_t node, std::string_view path) const noexcept;
  /// The value of `text`, or `none`.
  [[nodiscard]] std::uint32_t find(std::string_view text) const noexcept {
    const std::uint32_t node = descend(root, text);
    return node == none ? none : value(node);
  }

  struct Match {
    std::size_t length = 0;
    std::uint32_t value = none;  ///< `none`: nothing matches
  };
  /// The longest string, not empty, that `text` begins with below `node`.
  [[nodiscard]] Match longest(std::string_view text, std::uint32_t node = root) const noexcept;

  /// Calls `found(length, value)` for every string, not empty, that `text` begins with, the shortest first.
  template <class Found>
  void each_prefix(std::string_view text, Found found) const {
    std::uint32_t node = root;
    for (std::size_t at = 0; at < text.size(); ++at) {
      node = child(node, text[at]);
      if (node == none) return;
      if (value(node) != none) found(at + 1, value(node));
    }
  }

  /// How many distinct strings there are.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// One more than the largest value; 0 without values.
  [[nodiscard]] std::size_t values() const noexcept { return values_; }

 private:
  // The nodes stand in breadth-first order, so that the children of a node are neighbours, ordered by their byte.
  struct Node {
    std::uint32_t first_child = 0;  // ends where the next node's begin
    std::uint32_t value = none;
  };
  std::vector<Node> nodes_;
  std::string bytes_;  // of each node: the byte that leads to it
  std::size_t size_ = 0;
  std::size_t values_ = 0;
};

}  // namespace triage::tokenize
