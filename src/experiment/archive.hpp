#pragma once
// State as bytes and back, bit by bit, for checkpoints. One function, `archive(a, x)`, serves both directions: it names
// the members of x in order. Numbers are in the machine's own format, so a checkpoint belongs to the machine that wrote
// it; one that cannot be read is made again from the journal.

#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace triage::experiment {

class Saver {
 public:
  static constexpr bool loads = false;
  void bytes(const void* from, std::size_t size) { text_.append(static_cast<const char*>(from), size); }
  [[nodiscard]] std::string take() { return std::move(text_); }
  [[nodiscard]] bool ok() const noexcept { return true; }

 private:
  std::string text_;
};

class Loader {
 public:
  static constexpr bool loads = true;
  explicit Loader(std::string_view text) : text_(text) {}
  void bytes(void* to, std::size_t size) {
    if (size > text_.size()) ok_ = false;
    if (!ok_ || size == 0) return;  // an empty text may have no address
    std::memcpy(to, text_.data(), size);
    text_.remove_prefix(size);
  }
  /// Whether a container may still have `count` elements of at least one byte.
  bool fits(std::uint64_t count) {
    if (count > text_.size()) ok_ = false;
    return ok_;
  }
  /// False: the text was not what Saver made.
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return text_.empty(); }

 private:
  std::string_view text_;
  bool ok_ = true;
};

/// Whether T's bytes are its value: numbers, and structs of them without padding. One that has floating-point members
/// specialises this.
template <class T>
inline constexpr bool is_plain = std::is_floating_point_v<T> ||
                                 (std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>);
template <class T>
concept Plain = is_plain<T>;

template <class A, class T>
requires Plain<T>
void archive(A& a, T& value) {
  a.bytes(&value, sizeof value);
}

template <class A>
void archive(A& a, std::string& text) {
  std::uint64_t size = text.size();
  archive(a, size);
  if constexpr (A::loads)
    if (a.fits(size)) text.resize(size);
  if (a.ok()) a.bytes(text.data(), text.size());
}

template <class A, class Container>
void archive_elements(A& a, Container& values) {
  std::uint64_t size = values.size();
  archive(a, size);
  if constexpr (A::loads)
    if (a.fits(size)) values.resize(size);
  if (!a.ok()) return;
  for (auto& value : values) archive(a, value);
}
template <class A, class T>
void archive(A& a, std::vector<T>& values) {
  if constexpr (Plain<T>) {
    std::uint64_t size = values.size();
    archive(a, size);
    if constexpr (A::loads)
      if (a.fits(size)) values.resize(size);
    if (a.ok()) a.bytes(values.data(), values.size() * sizeof(T));
  } else {
    archive_elements(a, values);
  }
}
template <class A, class T>
void archive(A& a, std::deque<T>& values) {
  archive_elements(a, values);
}

template <class A>
void archive(A& a, std::set<std::string>& values) {
  std::vector<std::string> list(values.begin(), values.end());
  archive(a, list);
  if constexpr (A::loads) values = {list.begin(), list.end()};
}

/// A map is written in the order of its keys.
template <class A, class T>
void archive(A& a, std::map<std::string, T, std::less<>>& values) {
  std::uint64_t size = values.size();
  archive(a, size);
  if constexpr (A::loads) {
    values.clear();
    for (std::uint64_t i = 0; i < size && a.ok(); ++i) {
      std::string name;
      archive(a, name);
      archive(a, values[name]);
    }
  } else {
    for (auto& [name, value] : values) {
      std::string copy = name;
      archive(a, copy);
      archive(a, value);
    }
  }
}

/// A test of src/statistics, which saves itself as numbers.
template <class A, class Test>
void archive_test(A& a, Test& test) {
  std::vector<double> state = test.save();
  archive(a, state);
  if constexpr (A::loads) test.load(state);
}

}  // namespace triage::experiment
