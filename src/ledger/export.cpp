#include "ledger/export.hpp"

#include "ledger/journal.hpp"
#include "ledger/source.hpp"
#include "ledger/stored_record.hpp"

#include <charconv>

// CSV as in RFC 4180, with \n: a text with a comma, a quote or a line's end stands in quotes, null is nothing at all.
// What is a list or an object in the record is one column of JSON.

namespace triage::ledger {
namespace {

constexpr std::size_t block = 256 * 1024;

constexpr std::string_view csv_header =
    "seq,id,time_unix_ms,key,route,config_version,price_version,model_requested,path,chain,tier,class,attempts,outcome,"
    "error,status,finish_reason,streamed,cancelled,latency_ms,ttft_ms,overhead_us,cost_nano_usd,frontier_cost_nano_usd,"
    "experiment,signals,content,prompt,answer,pair,shadow_of\n";

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
    char text[40];
    if (value) out_.append(text, std::to_chars(text, text + sizeof text, *value).ptr);
    return *this;
  }
  void separate() {
    if (!std::exchange(first_, false)) out_ += ',';
  }

  std::string& out_;
  bool first_ = true;
};

void append_csv(std::string& out, std::uint64_t seq, const StoredRecord& r) {
  CsvRow row(out);
  row << Integer(static_cast<std::int64_t>(seq)) << r.id << r.time_unix_ms << r.key << r.route << r.config_version
      << r.price_version << r.model_requested << r.path << r.chain << r.tier << r.task_class << r.attempts_json
      << r.outcome << r.error << r.status << r.finish_reason << r.streamed << r.cancelled << r.latency_ms << r.ttft_ms
      << r.overhead_us << r.cost_nano_usd << r.frontier_cost_nano_usd << r.experiment << r.signals << r.content
      << r.prompt << r.answer << r.pair << r.shadow_of;
  out += '\n';
}

}  // namespace

Exported export_records(const ExportOptions& options, const std::function<bool(std::string_view)>& write) {
  Exported done;
  Source source(options.folder, first_position(options.folder, options.since_unix_ms));
  RecordReader reader;
  StoredRecord record;
  std::string out(options.csv ? csv_header : std::string_view());
  for (Line line; done.written && source.next(line);) {
    if (!reader.read(line.json, record) || record.time_unix_ms.value_or(0) < options.since_unix_ms) continue;
    ++done.records;
    if (options.csv) {
      append_csv(out, line.seq, record);
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
