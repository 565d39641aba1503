#pragma once
// Where each value of the spec came from, so that a check of the finished spec can still point into the file.

#include "options/report.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::options {

/// {"routes", "chat", "tiers", "small", "[0]", "weight"}
struct Path : std::vector<std::string> {
  using vector::vector;
};

Path operator/(const Path& path, std::string key);
Path operator/(const Path& path, std::size_t index);

/// "routes.chat.tiers.small[0].weight"; "the config" for the root.
std::string to_string(const Path& path);

struct Origin {
  Place place;            ///< of a scalar; else of its key, where it has one
  Place key;              ///< of its key, where it has one
  std::string text = {};  ///< as written: safe to show where the value itself may come from a secret
};

class Origins {
 public:
  void note(const Path& path, Origin origin) { origins_.insert_or_assign(path, std::move(origin)); }

  /// nullptr: not written, a default.
  [[nodiscard]] const Origin* find(const Path& path) const;

  /// Of the value, or of the nearest section around it that was written.
  [[nodiscard]] Place place(const Path& path) const;

  [[nodiscard]] Place key_place(const Path& path) const;

  /// 'text as written' of a scalar, quoted; `otherwise` quoted if it is a default.
  [[nodiscard]] std::string shown(const Path& path, std::string_view otherwise) const;

  /// A value that was written and refused: checks that build on it would only repeat the complaint.
  void mark_failed(const Path& path) { failed_.insert(path); }
  /// Neither it nor a section around it was refused.
  [[nodiscard]] bool intact(const Path& path) const;
  /// Nothing inside of it was refused.
  [[nodiscard]] bool intact_inside(const Path& path) const;

 private:
  std::map<Path, Origin> origins_;
  std::set<Path> failed_;
};

}  // namespace triage::options
