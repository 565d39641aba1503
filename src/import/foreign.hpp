#pragma once
// The configuration of another gateway as a tree that remembers which of its values were read. What nobody read by the
// end has no counterpart here and becomes a comment: so nothing is lost in silence, whatever a reader forgets.

#include "triage/error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace triage::imports {

/// Comments about one part of the result, in order.
using Notes = std::vector<std::string>;
using NotesPtr = std::shared_ptr<Notes>;

struct Foreign {
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Kind kind = Kind::null;
  std::string key;   ///< in a map; empty in a list
  std::string path;  ///< model_list[2].litellm_params.api_base
  std::string text;  ///< of a scalar, as it was spelled
  std::vector<Foreign> items;
  bool used = false;  ///< a scalar, or an empty list or map: it is in the result
  NotesPtr notes;     ///< where what is unused below goes; nullptr: where its parent's goes
};

/// A value that may be absent. Reading a scalar marks it as used.
class Item {
 public:
  Item() = default;
  explicit Item(Foreign* of) : of_(of) {}

  explicit operator bool() const noexcept { return of_ != nullptr && of_->kind != Foreign::Kind::null; }
  [[nodiscard]] bool is_map() const noexcept { return of_ != nullptr && of_->kind == Foreign::Kind::map; }
  [[nodiscard]] bool is_list() const noexcept { return of_ != nullptr && of_->kind == Foreign::Kind::list; }
  [[nodiscard]] bool is_scalar() const noexcept { return of_ != nullptr && of_->kind == Foreign::Kind::scalar; }

  /// A member of a map; absent if this is none or has none of that name.
  [[nodiscard]] Item operator[](std::string_view key) const;
  /// The first of these members that is there.
  [[nodiscard]] Item first(std::initializer_list<std::string_view> keys) const;
  /// Members of a map or items of a list, in order.
  [[nodiscard]] std::vector<Item> items() const;
  /// A list's items; a scalar or a map alone is a list of one.
  [[nodiscard]] std::vector<Item> list() const;

  [[nodiscard]] const std::string& key() const;
  [[nodiscard]] const std::string& path() const;

  [[nodiscard]] std::string text() const;                  ///< "" if it is no scalar
  [[nodiscard]] std::optional<double> number() const;      ///< nullopt if it is no number; then it stays unused
  [[nodiscard]] bool is_true() const;                      ///< `true`, in any case
  [[nodiscard]] std::vector<std::string> texts() const;    ///< the scalars of list()
  [[nodiscard]] const std::string& peek() const noexcept;  ///< text(), without marking it

  void use() const;                          ///< everything below is in the result
  void unuse() const;                        ///< nothing below is in the result after all
  void belongs(const NotesPtr& to) const;    ///< what is unused below is told there
  void note(const std::string& text) const;  ///< there, once

 private:
  Foreign* of_ = nullptr;
};

/// Why values have no counterpart, by their paths (globs), the first that fits.
struct Reason {
  std::string_view path;
  std::string_view text;
};

/// Whether a value of this name is a secret by the looks of it.
bool looks_secret(std::string_view key, std::string_view value);

/// Tells of every unused scalar, in its part's notes if these are among `shown`, else in `rest`. Values of secrets are
/// not shown.
void tell_unused(const Foreign& root, const std::vector<Reason>& reasons, const NotesPtr& rest,
                 const std::set<const Notes*>& shown);

/// Every scalar below, and every empty list or map.
void each_leaf(const Foreign& root, const std::function<void(const Foreign&)>& see);

enum class Syntax : std::uint8_t { yaml, json, toml };
/// Error: invalid_value with the place of the mistake.
Result<Foreign> parse_foreign(std::string_view text, const std::string& name, Syntax syntax);

}  // namespace triage::imports
