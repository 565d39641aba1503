#include "ledger/stored_record.hpp"

#include "json/json.hpp"

#include <charconv>

// Members are recognised by one chain of comparisons per object: some thirty short names, in the order in which they
// are written, so that a chain that starts at the last match finds the next at once.

namespace triage::ledger {
namespace {

using Kind = JsonReader::Kind;

}  // namespace

/// Takes single values out of a reader. A value of the wrong kind is skipped.
class Fields {
 public:
  Fields(JsonReader& in, std::string_view json, RecordReader& owner) : in_(in), json_(json), owner_(owner) {}

  void take(Text& out) {
    JsonString string;
    if (in_.kind() != Kind::string) return skip();
    if (in_.string(string)) out = string.escaped ? unescaped(string) : string.raw;
  }
  void take(Integer& out) {
    std::int64_t value = 0;
    if (number(value)) out = value;
  }
  void take(Real& out) {
    double value = 0;
    if (number(value)) out = value;
  }
  void take(Flag& out) {
    bool value = false;
    if (in_.kind() != Kind::boolean) return skip();
    if (in_.boolean(value)) out = value;
  }
  /// The value's own JSON.
  void take_raw(Text& out, Kind wanted) {
    const bool is = in_.kind() == wanted;
    const std::size_t begin = in_.value_offset();
    if (in_.skip_unchecked() && is) out = since(begin);
  }
  [[nodiscard]] std::string_view since(std::size_t begin) const { return json_.substr(begin, in_.offset() - begin); }
  void skip() { in_.skip_unchecked(); }
  JsonReader& in() noexcept { return in_; }

 private:
  template <class T>
  bool number(T& value) {
    std::string_view spelled;
    if (in_.kind() != Kind::number) return skip(), false;
    if (!in_.number(spelled)) return false;
    const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
    return error == std::errc{} && end == spelled.data() + spelled.size();
  }
  std::string_view unescaped(const JsonString& string) { return owner_.unescaped_.emplace_front(string.text()); }

  JsonReader& in_;
  std::string_view json_;
  RecordReader& owner_;
};

namespace {

template <class How, class Value>
void take(Fields& in, How, std::optional<Value>& out) {
  if constexpr (std::is_same_v<How, as::Object> || std::is_same_v<How, as::Json>)
    in.take_raw(out, Kind::object);
  else if constexpr (std::is_same_v<How, as::List>)
    in.take_raw(out, Kind::array);
  else
    in.take(out);
}

template <class T>
void take_object(Fields& fields, Stored<T>& out);

template <class T>
void take(Fields& in, as::Columns, Stored<T>& out) {
  take_object(in, out);
}
template <class T>
void take(Fields& fields, as::Parsed, StoredObject<T>& out) {
  if (fields.in().kind() != Kind::object) return fields.skip();
  const std::size_t begin = fields.in().value_offset();
  take_object(fields, out.members);
  out.json = fields.since(begin);
}
template <class T>
void take(Fields& fields, as::Rows, StoredRows<T>& out) {
  if (fields.in().kind() != Kind::array) return fields.skip();
  const std::size_t begin = fields.in().value_offset();
  if (!fields.in().enter_array()) return;
  while (fields.in().next_element()) take_object(fields, out.rows.emplace_back());
  out.json = fields.since(begin);
}

// One member of a T: its name, and how its value is taken.
template <class T>
struct Member {
  std::string_view name;
  void (*take)(Fields&, Stored<T>&);
};

template <class T, std::size_t at>
void take_at(Fields& in, Stored<T>& out) {
  [&]<auto member, class How, auto present>(const Field<member, How, present>&) {
    take(in, How(), std::get<at>(out.values));
  }
  (std::get<at>(fields<T>));
}

template <class T>
constexpr auto members_of() {
  return []<std::size_t... i>(std::index_sequence<i...>) {
    return std::array{Member<T>{std::get<i>(fields<T>).name.view(), take_at<T, i>}...};
  }
  (std::make_index_sequence<std::tuple_size_v<typename Stored<T>::Values>>());
}

template <class T>
void take_object(Fields& fields, Stored<T>& out) {
  static constexpr auto members = members_of<T>();
  constexpr std::size_t count = members.size();
  if (fields.in().kind() != Kind::object) return fields.skip();
  if (!fields.in().enter_object()) return;
  JsonString name;
  for (std::size_t likely = 0; fields.in().next_name(name);) {
    std::size_t tried = 0;
    while (tried < count && members[(likely + tried) % count].name != name.raw) ++tried;
    if (tried == count) {
      fields.skip();
      continue;
    }
    likely = (likely + tried) % count;
    members[likely].take(fields, out);
    ++likely;
  }
}

// Clears what was read before, but keeps its memory.
template <class T>
void clear(std::optional<T>& value) {
  value.reset();
}
template <class T>
void clear(StoredRows<T>& value) {
  value.json.reset();
  value.rows.clear();
}
template <class T>
void clear(Stored<T>& stored);
template <class T>
void clear(StoredObject<T>& value) {
  value.json.reset();
  clear(value.members);
}
template <class T>
void clear(Stored<T>& stored) {
  std::apply([](auto&... value) { (clear(value), ...); }, stored.values);
}

}  // namespace

std::string_view kind_in(std::string_view json) noexcept {
  constexpr std::string_view before = ",\"kind\":\"";
  const std::size_t begin = json.find(',');
  if (begin == std::string_view::npos || !json.substr(begin).starts_with(before)) return kind_of<LedgerRecord>;
  const std::string_view rest = json.substr(begin + before.size());
  return rest.substr(0, rest.find('"'));
}

template <class T>
bool RecordReader::read_as(std::string_view json, Stored<T>& out) {
  unescaped_.clear();
  clear(out);
  JsonReader in(json);
  Fields fields(in, json, *this);
  if (in.kind() != Kind::object) return false;
  take_object(fields, out);
  return in.finish();
}
template bool RecordReader::read_as(std::string_view json, Stored<LedgerRecord>& out);
template bool RecordReader::read_as(std::string_view json, Stored<FeedbackEvent>& out);
template bool RecordReader::read_as(std::string_view json, Stored<GradeEvent>& out);
template bool RecordReader::read_as(std::string_view json, Stored<ExperimentEvent>& out);

}  // namespace triage::ledger
