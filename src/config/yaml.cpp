// Turns events into a tree. A stack of open collections: each event makes a node and adds it to the top collection,
// which in a map alternates between key and value.
//
//     a: {b: [1]}   ->   map( "a" map( "b" list( "1" ) ) )
//
// Merge keys: `<<: *base` adds the members of `base` that the map does not have itself (yaml.org/type/merge).
#include "config/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_map>

namespace triage::config {
namespace {

// Thrown to stop the parser when the tree cannot be continued; the report has the reason.
struct Stopped {};

struct Syntax {
  std::string_view theirs;  // how yaml-cpp's message starts
  std::string_view message;
  std::string_view fix;
};

constexpr Syntax unclosed_list{"end of sequence flow not found", "this '[' is never closed", "add ']'"};
constexpr Syntax unclosed_map{"end of map flow not found", "this '{' is never closed", "add '}'"};
constexpr Syntax unclosed_quote{"illegal EOF in scalar", "a quoted text is never closed", "add the closing quote"};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, std::size_t file, Report& report) : text_(text), file_(file), report_(report) {
    line_starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') line_starts_.push_back(i + 1);
  }

  [[nodiscard]] NodePtr root() const { return root_; }
  /// The innermost open collection.
  [[nodiscard]] std::optional<Place> open_place() const {
    return open_.empty() ? std::nullopt : std::optional<Place>(open_.back().node->place);
  }
  [[nodiscard]] Place place(const YAML::Mark& mark) const {
    return mark.is_null() ? Place{file_, 1, 1} : Place{file_, mark.line + 1, mark.column + 1};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ == 0) return;
    report_.error(place(mark), "a second YAML document starts here",
                  "keep one document a file; split a config with 'include:'");
    throw Stopped();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { finish(begin(Node::Kind::null, mark), anchor); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    check_quote(mark);
    auto node = begin(Node::Kind::scalar, mark);
    node->text = value;
    plain_merge_ = value == "<<" && tag == "?";
    finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) {
      report_.error(place(mark), "an alias stands inside of what it refers to", "write the value out here");
      throw Stopped();
    }
    add(known->second, place(mark));
  }

 private:
  struct Open {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor = 0;
    std::optional<Member> pending = {};                  // a map's key that waits for its value
    bool pending_merge = false;                          // that key is `<<`
    bool skip_value = false;                             // that key was bad
    std::map<std::string, Place> keys = {};              // of a map
    std::vector<std::pair<Place, NodePtr>> merged = {};  // values of its `<<`
  };

  std::shared_ptr<Node> begin(Node::Kind kind, const YAML::Mark& mark) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->place = place(mark);
    return node;
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    report_.error(place(mark), "tags are not supported", "remove the word that starts with '!'");
  }

  // yaml-cpp takes the end of the input for the closing quote if a line break comes before it.
  void check_quote(const YAML::Mark& mark) {
    const auto line = static_cast<std::size_t>(mark.line);
    if (mark.is_null() || line >= line_starts_.size()) return;
    std::string_view rest =
        text_.substr(std::min(text_.size(), line_starts_[line] + static_cast<std::size_t>(mark.column)));
    while (rest.starts_with('&') || rest.starts_with('!')) {  // an anchor, a tag
      rest.remove_prefix(std::min(rest.find_first_of(" \t\r\n"), rest.size()));
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    }
    if (!rest.starts_with('"') && !rest.starts_with('\'')) return;
    const char quote = rest.front();
    for (std::size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] == quote && quote == '\'' && i + 1 < rest.size() && rest[i + 1] == quote)
        ++i;
      else if (rest[i] == quote)
        return;
      else if (rest[i] == '\\' && quote == '"')
        ++i;
    }
    report_.error(place(mark), std::string(unclosed_quote.message), std::string(unclosed_quote.fix));
    throw Stopped();
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_tag(mark, tag);
    open_.push_back(Open{begin(kind, mark), anchor});
    if (open_.size() > depth_max) stop_too_deep(place(mark));
  }

  [[noreturn]] void stop_too_deep(const Place& where) {
    report_.error(where, "nested deeper than " + std::to_string(depth_max) + " levels", "flatten it");
    throw Stopped();
  }

  void close() {
    Open ended = std::move(open_.back());
    open_.pop_back();
    merge(ended);
    finish(std::move(ended.node), ended.anchor);
  }

  void finish(std::shared_ptr<Node> node, YAML::anchor_t anchor) {
    const Place where = node->place;
    if (anchor != 0) anchors_[anchor] = node;
    add(std::move(node), where);
  }

  // Adds a complete node to the collection that it is in.
  void add(NodePtr node, const Place& where) {
    const bool merge_key = std::exchange(plain_merge_, false);
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.node->depth = std::max(parent.node->depth, node->depth + 1);
    parent.node->nodes += node->nodes;
    if (open_.size() - 1 + parent.node->depth > depth_max) stop_too_deep(where);
    if (parent.node->nodes > nodes_max) {
      report_.error(where, "more than " + std::to_string(nodes_max) + " values, each use of an alias counted",
                    "write less, or use fewer aliases");
      throw Stopped();
    }
    if (parent.node->kind == Node::Kind::list)
      parent.node->items.push_back(std::move(node));
    else if (parent.pending)
      add_value(parent, std::move(node));
    else if (!std::exchange(parent.skip_value, false))
      add_key(parent, *node, where, merge_key);
  }

  void add_key(Open& map, const Node& key, const Place& where, bool merge_key) {
    map.pending_merge = merge_key;
    if (merge_key) {
      map.pending = Member{key.text, where, nullptr};
      return;
    }
    if (key.kind != Node::Kind::scalar) {
      report_.error(where, "a key must be a text, not " + std::string(describe_kind(key.kind)), "put it in quotes");
      map.skip_value = true;
      return;
    }
    if (key.text.find("${") != std::string::npos) {
      report_.error(where, "${...} in a key", "it works in values only: write the key out");
      map.skip_value = true;
      return;
    }
    const auto [first, added] = map.keys.emplace(key.text, where);
    if (!added) {
      report_.error(where, "key " + in_quotes(key.text) + " is set twice",
                    "the first one is at " + report_.name(first->second) + ": keep one");
      map.skip_value = true;
      return;
    }
    map.pending = Member{key.text, where, nullptr};
  }

  void add_value(Open& map, NodePtr value) {
    Member member = std::move(*map.pending);
    map.pending.reset();
    if (map.pending_merge) {
      map.merged.emplace_back(member.place, std::move(value));
      return;
    }
    member.value = std::move(value);
    map.node->members.push_back(std::move(member));
  }

  void merge(Open& map) {
    for (const auto& [where, value] : map.merged) {
      std::vector<NodePtr> bases{value};
      if (value->kind == Node::Kind::list) bases = value->items;
      for (const NodePtr& base : bases) {
        if (base->kind != Node::Kind::map) {
          report_.error(where, "'<<' takes a map or a list of maps, not " + std::string(describe_kind(base->kind)),
                        "refer to a map: '<<: *name'");
          continue;
        }
        for (const Member& member : base->members)
          if (map.keys.emplace(member.key, member.place).second) map.node->members.push_back(member);
      }
    }
  }

  std::string_view text_;
  std::vector<std::size_t> line_starts_;
  std::size_t file_;
  Report& report_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, NodePtr> anchors_;
  NodePtr root_;
  std::size_t documents_ = 0;
  bool plain_merge_ = false;
};

// Length of the UTF-8 sequence at `i` (RFC 3629, 4), 0 if there is none.
std::size_t sequence_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  const unsigned first = byte(i);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  for (std::size_t k = 1; k < length; ++k)
    if ((byte(i + k) & 0xc0) != 0x80) return 0;
  const unsigned second = byte(i + 1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) ||
      (first == 0xf4 && second > 0x8f))
    return 0;
  return length;
}

// yaml-cpp takes some bytes for the end of the input (0x04, 0x00) and guesses encodings: only clean UTF-8 gets there.
bool check_bytes(std::string_view text, std::size_t file, Report& report) {
  Place place{file, 1, 1};
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text, i);
    if (length == 0) {
      report.error(place, "not UTF-8", "save the file as UTF-8");
      return false;
    }
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
      report.error(place, "a control character", "remove it; in a quoted text write it as an escape, as in \"\\x1b\"");
      return false;
    }
    i += length;
    place.line += c == '\n';
    place.column = c == '\n' ? 1 : place.column + static_cast<int>(length);
  }
  return true;
}

constexpr Syntax syntax_messages[] = {
    {"illegal map value", "a ':' where no key can be", "check the indentation; put a text that holds ': ' in quotes"},
    unclosed_quote,
    {"the referenced anchor", "an alias to an anchor that is not defined", "define it before with '&name'"},
    {"unknown token", "a text cannot start with this character", "put the text in quotes"},
    {"illegal flow end", "a closing bracket that does not fit: none is open, or the last one is of the other kind",
     "close that one first, or remove this one"},
    {"end of map not found", "this line is indented differently from its neighbours", "align it with the other keys"},
    {"end of sequence not found", "this line is indented differently from its neighbours", "align it with the list"},
};

// Whether that line is indented with a tab.
bool tab_indents(std::string_view text, int line) {
  for (int i = 1; i < line; ++i) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

void report_syntax(const YAML::Exception& error, std::string_view text, const TreeBuilder& tree, Report& report) {
  const std::string_view theirs = error.msg;
  const Place place = tree.place(error.mark);
  if (tab_indents(text, place.line))
    return report.error({place.file, place.line, 1}, "a tab where the indentation should be", "indent with blanks");
  for (const Syntax& unclosed : {unclosed_list, unclosed_map})
    if (theirs.starts_with(unclosed.theirs))
      return report.error(tree.open_place().value_or(tree.place(error.mark)), std::string(unclosed.message),
                          std::string(unclosed.fix));
  for (const Syntax& known : syntax_messages)
    if (theirs.starts_with(known.theirs))
      return report.error(place, std::string(known.message), std::string(known.fix));
  // What follows a colon may be text of the file.
  report.error(place, "YAML: " + std::string(theirs.substr(0, theirs.find(':'))),
               "check the syntax of this line and the one before");
}

}  // namespace

NodePtr parse_yaml(std::string_view text, std::size_t file, Report& report) {
  if (!check_bytes(text, file, report)) return nullptr;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark takes no columns
  TreeBuilder tree(text, file, report);
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(tree)) {
    }
  } catch (const Stopped&) {
    return nullptr;
  } catch (const YAML::Exception& error) {
    report_syntax(error, text, tree, report);
    return nullptr;
  } catch (const std::exception&) {
    report.error({file, 1, 1}, "YAML: cannot be read", "check the syntax of the file");
    return nullptr;
  }
  if (tree.root()) return tree.root();
  auto empty = std::make_shared<Node>();
  empty->place = {file, 1, 1};
  return empty;
}

std::string_view describe_kind(Node::Kind kind) noexcept {
  switch (kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return "a text";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a map";
  }
  return "nothing";
}

}  // namespace triage::config
