#include "ledger/export.hpp"

#include "base/text.hpp"
#include "ledger/entry.hpp"
#include "ledger/source.hpp"

#include <algorithm>
#include <utility>

// CSV as in RFC 4180, with \n: a text with a comma, a quote or a line break is in quotes, null is empty. A list or an
// object of the record is one column of JSON.

namespace triage::ledger {
namespace {

constexpr std::size_t block = 256 * 1024;

class CsvRow {
 public:
  explicit CsvRow(std::string& out) : out_(out) {}

  CsvRow& operator<<(const Text& text) {
    separate();
    if (!text) return *this;
    if (text->find_first_of(",\"\r\n") == std::string_view::npos && !text->empty()) {
      out_ += *text;
      return *this;
    }
    out_ += '"';
    for (const char c : *text) out_.append(c == '"' ? 2 : 1, c);
    out_ += '"';
    return *this;
  }
  CsvRow& operator<<(const Flag& flag) { return *this << (flag ? Text(*flag ? "true" : "false") : Text()); }
  CsvRow& operator<<(const Integer& value) { return number(value); }
  CsvRow& operator<<(const Real& value) { return number(value); }

 private:
  template <class T>
  CsvRow& number(const std::optional<T>& value) {
    separate();
    if (value) append_number(out_, *value);
    return *this;
  }
  void separate() {
    if (!std::exchange(first_, false)) out_ += ',';
  }

  std::string& out_;
  bool first_ = true;
};

// Columns come in the database's order, new ones last: calls visit(since) for each schema version.
template <class T, class Visit>
void in_csv_order(Visit&& visit) {
  int newest = 1;
  each_field<T>([&](const auto& field) { newest = std::max(newest, field.since); });
  for (int since = 1; since <= newest; ++since) visit(since);
}

template <class T>
std::string csv_header() {
  std::string out = "seq";
  in_csv_order<T>([&](int since) {
    each_field<T>([&](const auto& field) {
      if (field.since == since) (out += ',') += field.name.view();
    });
  });
  return out + '\n';
}

template <class T>
void append_csv(std::string& out, std::uint64_t seq, const Stored<T>& stored) {
  CsvRow row(out);
  row << Integer(static_cast<std::int64_t>(seq));
  in_csv_order<T>([&](int since) {
    each_value(stored, [&](const auto& field, const auto& value) {
      if (field.since != since) return;
      if constexpr (requires { value.json; })
        row << value.json;
      else
        row << value;
    });
  });
  out += '\n';
}

std::int64_t time_of(const Entry& entry) {
  std::int64_t time = 0;
  entry.visit([&]<class T>(const Stored<T>& stored) { time = stored.template get<&T::time_unix_ms>().value_or(0); });
  return time;
}

std::string csv_header_of(std::string_view kind) {
  std::string header;
  Kinds::each([&]<class T> {
    if (kind == kind_of<T>) header = csv_header<T>();
  });
  return header;
}

}  // namespace

std::string kind_names() {
  std::string names;
  Kinds::each([&]<class T> { (names += names.empty() ? "" : ", ") += kind_of<T>; });
  return names;
}

bool is_kind(std::string_view kind) {
  bool is = false;
  Kinds::each([&]<class T> { is = is || kind == kind_of<T>; });
  return is;
}

Exported export_records(const ExportOptions& options, const std::function<bool(std::string_view)>& write) {
  Exported done;
  Source source(options.folder, first_position(options.folder, options.since_unix_ms));
  Entry entry;
  const std::string_view kind = options.csv && options.kind.empty() ? kind_of<LedgerRecord> : options.kind;
  std::string out = options.csv ? csv_header_of(kind) : std::string();
  for (Line line; done.written && source.next(line);) {
    if (!kind.empty() && kind != kind_in(line.json)) continue;
    const Entry::Is is = entry.read(line);
    if (is == Entry::Is::unreadable) continue;
    if (is == Entry::Is::known && time_of(entry) < options.since_unix_ms) continue;
    ++done.lines;
    if (is == Entry::Is::unknown) ++done.unknown;
    if (options.csv) {
      entry.visit([&](const auto& stored) { append_csv(out, line.seq, stored); });
    } else {
      out += line.json;
      out += '\n';
    }
    if (out.size() < block) continue;
    done.written = write(out);
    out.clear();
  }
  if (done.written && !out.empty()) done.written = write(out);
  done.from_spool = source.from_spool();
  done.damaged = source.counts().damaged;
  done.beside_gateway = source.beside_gateway();
  return done;
}

}  // namespace triage::ledger
