#include "ledger/search.hpp"

#include "ledger/columns.hpp"
#include "ledger/fields.hpp"
#include "ledger/reading.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <variant>
#include <vector>

namespace triage::ledger {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t rows_most = 200;
constexpr std::size_t names_max = 200;

// Conditions joined by AND, and the values of their parameters.
struct Where {
  std::string sql = "1";
  std::vector<std::variant<std::int64_t, double, std::string, std::nullptr_t>> values;

  template <class T>
  void add(std::string_view condition, const std::optional<T>& value) {
    if (!value) return;
    sql += " AND " + std::string(condition);
    values.emplace_back(*value);
  }
  // "" stands for null.
  void is(std::string_view column, const std::optional<std::string>& name) {
    if (!name) return;
    sql += " AND " + std::string(column) + " IS ?";
    if (name->empty())
      values.emplace_back(nullptr);
    else
      values.emplace_back(*name);
  }
  void bind(Statement& statement) const {
    int at = 0;
    for (const auto& value : values)
      std::visit(
          [&]<class T>(const T& each) {
            if constexpr (std::is_same_v<T, std::nullptr_t>)
              statement.bind_null(++at);
            else if constexpr (std::is_same_v<T, std::string>)
              statement.bind(++at, std::string_view(each));
            else
              statement.bind(++at, each);
          },
          value);
  }
};

// A pattern of LIKE that finds `text` anywhere, by itself.
std::string anywhere(const std::string& text) {
  std::string out = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  return out + "%";
}

Where where_of(const SearchOptions& options, bool texts) {
  Where out;
  out.add("r.time_unix_ms >= ?", options.since_unix_ms);
  out.add("r.time_unix_ms < ?", options.until_unix_ms);
  out.is("r.route", options.route);
  out.is("r.tier", options.tier);
  out.is("r.key", options.key);
  out.is("r.error", options.error);
  out.is("r.class", options.task_class);
  out.add("r.status = ?", options.status);
  out.add("r.cost_nano_usd >= ? * 1e9", options.cost_usd_min);
  out.add("r.latency_ms >= ?", options.latency_ms_min);
  if (options.outcome == "errors")
    out.sql += " AND r.outcome IN ('client_error', 'upstream_error', 'gateway_error')";
  else
    out.is("r.outcome", options.outcome);
  if (options.model) {  // the client's word for it, or a provider's
    out.sql += " AND (r.model_requested = ? OR EXISTS (SELECT 1 FROM attempts a WHERE a.seq = r.seq AND a.model = ?))";
    out.values.emplace_back(*options.model);
    out.values.emplace_back(*options.model);
  }
  out.add("EXISTS (SELECT 1 FROM attempts a WHERE a.seq = r.seq AND a.deployment = ?)", options.deployment);
  out.add("EXISTS (SELECT 1 FROM attempts a WHERE a.seq = r.seq AND a.cause = ?)", options.cause);
  out.add("EXISTS (SELECT 1 FROM feedback f WHERE f.id = r.id AND f.thumb = ?)", options.thumb);
  if (options.signal) out.add("json_extract(r.signals, ?) = 1", std::optional("$." + *options.signal));
  out.add("json_extract(r.experiment, '$.name') = ?", options.experiment);
  out.add("json_extract(r.experiment, '$.arm') = ?", options.arm);
  if (options.text && !options.text->empty()) {
    const std::string pattern = anywhere(*options.text);
    out.sql += texts ? " AND (r.id LIKE ? ESCAPE '\\' OR r.prompt LIKE ? ESCAPE '\\' OR r.answer LIKE ? ESCAPE '\\')"
                     : " AND r.id LIKE ? ESCAPE '\\'";
    for (int i = 0; i < (texts ? 3 : 1); ++i) out.values.emplace_back(pattern);
  }
  return out;
}

// The columns of a row of the list: name in the JSON, expression.
struct Listed {
  const char* name;
  const char* sql;
  bool json = false;
};
constexpr std::array<Listed, 21> listed{{
    {"seq", "r.seq"},
    {"id", "r.id"},
    {"time_unix_ms", "r.time_unix_ms"},
    {"route", "r.route"},
    {"key", "r.key"},
    {"model", "r.model_requested"},
    {"tier", "r.tier"},
    {"class", "r.class"},
    {"outcome", "r.outcome"},
    {"status", "r.status"},
    {"error", "r.error"},
    {"streamed", "r.streamed"},
    {"latency_ms", "r.latency_ms"},
    {"ttft_ms", "r.ttft_ms"},
    {"cost_nano_usd", "r.cost_nano_usd"},
    {"frontier_cost_nano_usd", "r.frontier_cost_nano_usd"},
    {"arm", "json_extract(r.experiment, '$.arm')"},
    {"attempts", "(SELECT count(*) FROM attempts a WHERE a.seq = r.seq)"},
    {"causes", "(SELECT group_concat(a.cause) FROM attempts a WHERE a.seq = r.seq)"},
    {"deployment",
     "(SELECT a.deployment FROM attempts a WHERE a.seq = r.seq AND a.purpose = 'answer' ORDER BY a.attempt DESC LIMIT "
     "1)"},
    {"signals", "r.signals", true},
}};

Json parsed(std::string_view text) {
  Json out = Json::parse(text, nullptr, false);
  return out.is_discarded() ? Json(std::string(text)) : out;
}

enum class Form : std::uint8_t { whole, real, text, flag, json };

Json cell(const Statement& row, int column, Form form) {
  if (row.is_null(column)) return {};
  switch (form) {
    case Form::whole: return row.whole(column);
    case Form::real: return row.decimal(column);
    case Form::flag: return row.whole(column) != 0;
    case Form::json: return parsed(row.text(column));
    case Form::text: return std::string(row.text(column));
  }
  return {};
}

constexpr bool ends_in(std::string_view name, std::string_view end) {
  return name.ends_with(end);
}

Form form_of_listed(std::string_view name) {
  if (name == "latency_ms" || name == "ttft_ms") return Form::real;
  if (name == "streamed") return Form::flag;
  if (name == "seq" || name == "status" || name == "attempts" || ends_in(name, "_unix_ms") || ends_in(name, "_usd"))
    return Form::whole;
  return Form::text;
}

// All columns of a table, as they are described in fields.hpp.
struct TableColumn {
  std::string name;
  Form form;
};

template <class How>
constexpr Form form_of() {
  if constexpr (std::is_same_v<How, as::Whole> || std::is_same_v<How, as::Code>) return Form::whole;
  if constexpr (std::is_same_v<How, as::Ms> || std::is_same_v<How, as::Decimal>) return Form::real;
  if constexpr (std::is_same_v<How, as::Flag>) return Form::flag;
  if constexpr (std::is_same_v<How, as::Json> || std::is_same_v<How, as::Object> || std::is_same_v<How, as::Parsed> ||
                std::is_same_v<How, as::List>)
    return Form::json;
  return Form::text;
}

template <class T>
void add_table_columns(std::vector<TableColumn>& out, const std::string& prefix) {
  each_field<T>([&]<auto member, class How, auto present>(const Field<member, How, present>& field) {
    const std::string name = prefix + std::string(field.name.view());
    if constexpr (std::is_same_v<How, as::Columns>)
      add_table_columns<typename Field<member, How, present>::Value>(out, name + "_");
    else if constexpr (!std::is_same_v<How, as::Rows>)
      out.push_back({name, form_of<How>()});
  });
}

// The rows of T's table that fulfil `condition`, whose parameter is `value`.
template <class T>
Json rows_of(Database& database, const std::string& condition, std::variant<std::int64_t, std::string> value) {
  std::vector<TableColumn> columns{{"seq", Form::whole}};
  add_table_columns<T>(columns, "");
  std::string sql = "SELECT ";
  for (const TableColumn& column : columns) sql += (column.name == "seq" ? "" : ", ") + column.name;
  Statement row = database.prepare(sql + " FROM " + std::string(table_of<T>) + " WHERE " + condition);
  if (const auto* text = std::get_if<std::string>(&value))
    row.bind(1, std::string_view(*text));
  else
    row.bind(1, std::get<std::int64_t>(value));
  Json out = Json::array();
  while (row.step()) {
    Json each;
    for (std::size_t i = 0; i < columns.size(); ++i)
      each[columns[i].name] = cell(row, static_cast<int>(i), columns[i].form);
    out.push_back(std::move(each));
  }
  return out;
}

void hide(Json& row, std::initializer_list<const char*> names) {
  for (const char* const name : names)
    if (row.contains(name) && !row[name].is_null()) row[name] = nullptr;
}

// The first or last record at or beyond a time, as its number.
std::optional<std::int64_t> seq_at(Database& database, const char* sql, std::int64_t time_unix_ms) {
  Statement row = database.prepare(sql);
  row.bind(1, time_unix_ms);
  if (!row.step()) return std::nullopt;
  return row.whole(0);
}

// The numbers to look at: from `low` up to, not including, `high`.
struct Reach {
  std::int64_t low = 0;
  std::int64_t high = 0;
  bool more = false;  ///< there may be some below `low`
};

Reach reach_of(Database& database, const SearchOptions& options) {
  // Records are written when requests end: their numbers follow the times of their beginning only roughly.
  constexpr std::int64_t disorder = 5'000;
  Reach out;
  std::int64_t first = database.number("SELECT min(seq) FROM requests").value_or(0);
  out.high = database.number("SELECT max(seq) FROM requests").value_or(0) + 1;
  if (options.until_unix_ms)
    if (const auto seq =
            seq_at(database, "SELECT seq FROM requests WHERE time_unix_ms >= ? ORDER BY time_unix_ms LIMIT 1",
                   *options.until_unix_ms))
      out.high = std::min(out.high, *seq + disorder);
  if (options.since_unix_ms)
    if (const auto seq =
            seq_at(database, "SELECT seq FROM requests WHERE time_unix_ms < ? ORDER BY time_unix_ms DESC LIMIT 1",
                   *options.since_unix_ms))
      first = std::max(first, *seq - disorder);
  if (options.before_seq) out.high = std::min(out.high, *options.before_seq);
  out.low = std::max(first, out.high - search_reach);
  if (options.after_seq) out.low = std::max(out.low, *options.after_seq + 1);
  out.more = out.low > first && !options.after_seq;
  return out;
}

}  // namespace

Json search(const SearchOptions& options, bool texts) {
  Database database = database_to_read(options.folder);
  database.execute("BEGIN");
  const Reach reach = reach_of(database, options);
  Where where = where_of(options, texts);
  const std::size_t most = std::clamp<std::size_t>(options.rows_max, 1, rows_most);
  std::string sql = "SELECT ";
  for (const Listed& each : listed) sql += std::string(each.sql) + ", ";
  sql += texts ? "substr(r.prompt, 1, 160)" : "NULL";
  sql += " FROM requests r WHERE " + where.sql +
         " AND r.shadow_of IS NULL AND r.seq >= ? AND r.seq < ? ORDER BY r.seq " +
         (options.after_seq ? "ASC" : "DESC") + " LIMIT ?";
  where.values.emplace_back(reach.low);
  where.values.emplace_back(reach.high);
  where.values.emplace_back(static_cast<std::int64_t>(most));
  Statement row = database.prepare(sql);
  where.bind(row);
  Json rows = Json::array();
  std::int64_t last = reach.high;
  while (row.step()) {
    Json each;
    for (std::size_t i = 0; i < listed.size(); ++i)
      each[listed[i].name] =
          cell(row, static_cast<int>(i), listed[i].json ? Form::json : form_of_listed(listed[i].name));
    each["prompt"] = cell(row, static_cast<int>(listed.size()), Form::text);
    last = row.whole(0);
    rows.push_back(std::move(each));
  }
  const bool full = rows.size() == most;
  Json out;
  out["next"] = full ? Json(last) : reach.more ? Json(reach.low) : Json();
  out["searched_until_unix_ms"] = Json();
  if (!full && reach.more)
    out["searched_until_unix_ms"] =
        database.number("SELECT time_unix_ms FROM requests WHERE seq >= " + std::to_string(reach.low) + " LIMIT 1")
            .value_or(0);
  out["newest"] = reach.high - 1;
  out["rows"] = std::move(rows);
  return out;
}

Json one_request(const std::string& folder, const std::string& id, bool texts) {
  Database database = database_to_read(folder);
  database.execute("BEGIN");
  Json records = rows_of<LedgerRecord>(database, "id = ? ORDER BY seq DESC LIMIT 1", id);
  if (records.empty()) return {};
  Json out;
  out["record"] = std::move(records[0]);
  const std::int64_t seq = out["record"]["seq"].get<std::int64_t>();
  out["attempts"] = rows_of<AttemptRecord>(database, "seq = ? ORDER BY attempt", seq);
  out["feedback"] = rows_of<FeedbackEvent>(database, "id = ? ORDER BY seq", id);
  out["grades"] = rows_of<GradeEvent>(database, "id = ? ORDER BY seq", id);
  // A shadow's record comes soon after its request's.
  const std::string near =
      "shadow_of = ? AND seq > " + std::to_string(seq) + " AND seq < " + std::to_string(seq + 20'000);
  out["shadows"] = rows_of<LedgerRecord>(database, near, id);
  out["texts_hidden"] = !texts;
  if (texts) return out;
  hide(out["record"], {"prompt", "answer", "pair"});
  for (Json& each : out["feedback"]) hide(each, {"comment", "corrected"});
  for (Json& each : out["shadows"]) hide(each, {"prompt", "answer", "pair"});
  for (Json& each : out["grades"]) hide(each, {"reason"});
  return out;
}

Json known_names(const std::string& folder) {
  Database database = database_to_read(folder);
  Json out;
  for (const std::string name : {"route", "tier", "deployment", "key", "model"}) {
    // The hours of the newest sums: there are few of them, and many of the minutes.
    Statement row = database.prepare(
        "SELECT DISTINCT " + name +
        " FROM rollups WHERE period_s = 3600 AND start_unix_s >= (SELECT max(start_unix_s) FROM rollups WHERE period_s "
        "= 3600) - 86400 LIMIT ?");
    row.bind(1, static_cast<std::int64_t>(names_max));
    Json list = Json::array();
    while (row.step())
      if (!row.text(0).empty()) list.push_back(std::string(row.text(0)));
    std::sort(list.begin(), list.end());
    out[name + "s"] = std::move(list);
  }
  return out;
}

std::optional<std::int64_t> first_unix_ms(const std::string& folder) {
  return database_to_read(folder).number("SELECT min(time_unix_ms) FROM requests");
}

}  // namespace triage::ledger
