#pragma once
// A spec's values as a tree, by the YAML's names, made from the description of the keys. Dumps, comparisons and
// questions about any key, even a new one, use it.

#include "triage/spec.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage::config {

struct Tree {
  enum class Shape : std::uint8_t {
    text,    ///< written in quotes where needed, and in JSON always
    bare,    ///< a number, true or false
    hash,    ///< of a secret: `text` means nothing to people
    hidden,  ///< a secret; `text` has it in clear, for comparisons only
    map,     ///< `inside` has the map's own names
    list     ///< `inside` is identified by content
  };

  Shape shape = Shape::map;
  std::string name;  ///< the key, the entry of a map, or what identifies an item within its list
  std::string text;
  std::string_view meaning;        ///< Key::text
  std::string_view shown_default;  ///< Key::shown_default
  bool standard = false;           ///< as if the file did not mention it
  bool whole = false;              ///< makes sense only as a whole: a condition
  bool section = false;            ///< a map of keys, not of names
  bool choice = false;             ///< a section that is one of several kinds
  bool overlay = false;            ///< a section of which only what differs from the one around it is here
  std::string_view short_key;      ///< the key of a section that a bare value sets
  std::vector<Tree> inside;        ///< keys that are not set are missing

  [[nodiscard]] bool scalar() const noexcept { return shape < Shape::map; }
  /// A missing text, or a list or map without content.
  [[nodiscard]] bool empty() const noexcept { return scalar() ? text.empty() : inside.empty(); }
  [[nodiscard]] const Tree* find(std::string_view name) const noexcept;
};

Tree tree_of(const ConfigSpec& spec);

/// Whether the values are equal, whatever they mean.
bool same(const Tree& a, const Tree& b) noexcept;

/// On one line as YAML, without defaults; secrets and hashes as ***.
std::string flow(const Tree& tree);

}  // namespace triage::config
