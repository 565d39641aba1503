#pragma once
// YAML as a tree that knows where each node is in the file. yaml-cpp's event parser handles the syntax; this rejects
// what it lets pass: duplicate keys, a second document, unknown tags, keys that are not texts, alias bombs.

#include "options/report.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::config {

using namespace options;

struct Node;
using NodePtr = std::shared_ptr<const Node>;  // aliases share subtrees

struct Member {
  std::string key;
  Place place;  ///< of the key
  NodePtr value;
};

struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Kind kind = Kind::null;
  Place place;
  std::string text;             ///< scalar: as written, `${...}` not yet replaced
  std::vector<NodePtr> items;   ///< list
  std::vector<Member> members;  ///< map, in order, keys unique
  std::size_t nodes = 1;        ///< of the subtree, with aliases counted as often as they are used
  std::size_t depth = 1;
};

inline Node empty_map() {
  Node node;
  node.kind = Node::Kind::map;
  return node;
}

inline constexpr std::size_t nodes_max = 100'000;
inline constexpr std::size_t depth_max = 64;

/// The one document of `text`. Mistakes go to `report`; nullptr if nothing can be read. Never throws.
/// An empty document is a null node.
NodePtr parse_yaml(std::string_view text, std::size_t file, Report& report);

/// "a map", "a list", "a text", "nothing"
std::string_view describe_kind(Node::Kind kind) noexcept;

}  // namespace triage::config
