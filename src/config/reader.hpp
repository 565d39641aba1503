#pragma once
// The strict reader: reads a value of any described type from a tree. It reports every mistake at its place, and goes
// on.

#include "config/sources.hpp"
#include "options/origins.hpp"
#include "options/type_of.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::config {

using namespace options;

class Reader {
 public:
  Reader(Report& report, Sources& sources, Origins& origins) : report_(report), sources_(sources), origins_(origins) {}

  /// Fills the root of a file.
  template <class T>
  void read(const Node& root, T& out) {
    read(root, {}, nullptr, Key{}, {&type_of<T>(), &out});
  }

 private:
  class Fields;

  // Fills `out` from `node` at `path`, whose key, if any, is at `key_place`.
  void read(const Node& node, const Path& path, const Place* key_place, const Key& key, Ref out);
  void read_scalar(const Node& node, const Path& path, const Key& key, Ref out);
  // The word's index among those of the type; nullopt, and reported, if it is none of them.
  std::optional<std::size_t> word_at(const Node& node, const Path& path, const ScalarType& type,
                                     const std::string& text, const std::string& subject);
  void replace(const Path& path, Ref container);
  void read_list(const Node& node, const Path& path, const Key& key, Ref out);
  void read_entries(const Node& node, const Path& path, const Key& key, Ref out);
  void read_section(const Node& node, const Path& path, Ref out);
  void read_overlay(const Node& map, const Path& path, Ref out);
  void read_fields(const Node& map, const Path& path, Ref out);
  void read_choice(const Node& node, const Path& path, Ref out);
  void read_kind(const Member& member, const Path& path, Ref out);
  void unknown_kind(const Member& member, const Path& path, const ChoiceType& choice);

  void note(const Path& path, const Node& node, const Place* key);
  // The scalar's text after substitution; nullopt, and reported, if `node` is not a scalar.
  std::optional<std::string> scalar_text(const Node& node, const Path& path, std::string_view hint);
  // Whether the node is of that kind; otherwise reported, except that a null node counts as absent.
  bool expect(const Node& node, Node::Kind kind, const Path& path, std::string_view example);
  /// Fills in where the file is and what it holds. False: it cannot be read, which is reported.
  bool read_part(PartFile& file, const Place& place, const Path& path, const std::string& subject);
  bool passes(Check check, std::string_view text, const Path& path, const std::string& subject);
  void fail(const Path& path, std::string message, std::string fix);
  void unknown_key(const Member& member, const Path& path, const Fields& fields);

  Report& report_;
  Sources& sources_;
  Origins& origins_;
  std::vector<std::pair<Ref, Path>> open_;  // the sections that are being read
  bool differs_ = false;  // inside an overlay: what is written replaces what is there, and null removes it
};

}  // namespace triage::config
