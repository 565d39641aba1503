#pragma once
// Where each value of the spec came from, so that a check of the finished spec can still point into the file.

#include "options/report.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::options {

/// Where a value is among the configuration's keys:
/// {"routes", "chat", "tiers", "small", "[0]", "weight"}
struct Path : std::vector<std::string> {
  using vector::vector;
};

Path operator/(const Path& path, std::string key);
Path operator/(const Path& path, std::size_t index);

/// "routes.chat.tiers.small[0].weight"; "the config" for the root.
std::string to_string(const Path& path);

struct Origin {
  Place place;            ///< of a scalar; otherwise of its key, if it has one
  Place key;              ///< of the value's key, if it has one
  std::string text = {};  ///< as written, which is safe to show even where the value itself may come from a secret
};

class Origins {
 public:
  void note(const Path& path, Origin origin) { origins_.insert_or_assign(path, std::move(origin)); }

  /// What is not written in `section` is what it is in `base`, and comes from there.
  void inherit(Path section, Path base) { bases_.insert_or_assign(std::move(section), std::move(base)); }
  /// Except for what is inside `path`: that was written anew.
  void replace(const Path& path) { replaced_.insert(path); }
  /// Whether the value is not written itself, but comes from a base.
  [[nodiscard]] bool inherited(const Path& path) const { return !origins_.contains(path) && in_base(path); }

  /// nullptr: not written, so the value is a default.
  [[nodiscard]] const Origin* find(const Path& path) const;

  /// The place of the value, or of the nearest enclosing section that was written.
  [[nodiscard]] Place place(const Path& path) const;

  [[nodiscard]] Place key_place(const Path& path) const;

  /// The text of a scalar as written, in quotes; `otherwise` in quotes if the value is a default.
  [[nodiscard]] std::string shown(const Path& path, std::string_view otherwise) const;

  /// Notes that a value was refused: checks that depend on it would only repeat the complaint.
  void mark_failed(const Path& path) { failed_.insert(path); }
  /// Whether neither the value nor a section around it was refused.
  [[nodiscard]] bool intact(const Path& path) const;
  /// Whether nothing inside the value was refused.
  [[nodiscard]] bool intact_inside(const Path& path) const;

 private:
  // The path in the base; nullopt: nothing is inherited there.
  [[nodiscard]] std::optional<Path> in_base(const Path& path) const;

  std::map<Path, Origin> origins_;
  std::set<Path> failed_;
  std::map<Path, Path> bases_;
  std::set<Path> replaced_;
};

}  // namespace triage::options
