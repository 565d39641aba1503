#pragma once
// A spec's values as a tree under the names of the YAML, made from the description of the keys: dumps, comparisons and
// questions about any key, also one that is new, are asked of it.

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
    hash,    ///< of a secret: `text` tells a person nothing
    hidden,  ///< a secret; `text` is it in clear, for comparisons only
    map,     ///< `inside` has names of its own
    list     ///< `inside` is identified by what it holds
  };

  Shape shape = Shape::map;
  std::string name;  ///< the key, the entry of a map, or what identifies an item among its list's others
  std::string text;
  std::string_view meaning;        ///< Key::text
  std::string_view shown_default;  ///< Key::shown_default
  bool standard = false;           ///< as it would be if the file did not mention it
  bool whole = false;              ///< makes sense only as one: a condition
  bool section = false;            ///< a map of keys, not of names
  bool choice = false;             ///< a section that is one of several kinds
  std::string_view short_key;      ///< the key of a section that a bare value stands for
  std::vector<Tree> inside;        ///< keys that are not set are missing

  [[nodiscard]] bool scalar() const noexcept { return shape < Shape::map; }
  /// A text that is not there, a list or a map without anything in it.
  [[nodiscard]] bool empty() const noexcept { return scalar() ? text.empty() : inside.empty(); }
  [[nodiscard]] const Tree* find(std::string_view name) const noexcept;
};

Tree tree_of(const ConfigSpec& spec);

/// Same values, whatever they stand for.
bool same(const Tree& a, const Tree& b) noexcept;

/// On one line as YAML writes it, without what is standard; secrets and hashes as ***.
std::string flow(const Tree& tree);

}  // namespace triage::config
