// prices show: what each deployment costs and why. prices import: LiteLLM's table as Triage's own.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/terminal.hpp"
#include "base/file.hpp"
#include "base/unix_time.hpp"
#include "config/litellm.hpp"
#include "config/load.hpp"
#include "config/price_table.hpp"
#include "config/schema.hpp"
#include "options/values.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

namespace triage {

namespace {

using Json = nlohmann::ordered_json;

constexpr int stale_days = 180;
constexpr std::size_t names_shown = 5;
constexpr std::size_t import_bytes_max = 64 * 1024 * 1024;

/// `date` must have passed check_date.
long days_since(const std::string& date) {
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  return (today - parse_date(date).value_or(today)).count();
}

void note_age(const std::string& date) {
  if (date.empty())
    std::fprintf(stderr, "note: the price table has no date\n");
  else if (const long days = days_since(date); days > stale_days)
    std::fprintf(stderr, "note: the price table is %ld days old: compare it with the providers' pages\n", days);
}

std::string text_of(const Json& price, const char* key) {
  return price.contains(key) ? price.at(key).get<std::string>() : "-";
}

void append_member(std::string& out, const char* comma, const std::string& name, const Json& amount) {
  out += comma + name + " " + amount.get<std::string>();
}

/// "above 200000: input 2.5, output 15"
std::string steps_of(const Json& price) {
  std::string out;
  if (!price.is_object()) return out;
  const Json steps = price.value("steps", Json::array());
  for (const Json& step : steps) {
    out += (out.empty() ? "above " : "; above ") + std::to_string(step.at("above").get<std::int64_t>()) + ":";
    const char* comma = " ";
    for (const auto& member : step.items()) {
      if (member.key() == "above") continue;
      append_member(out, std::exchange(comma, ", "), member.key(), member.value());
    }
  }
  return out;
}

/// "cache_write 3.75, image 0.001; above 200000: input 2.5; flex: input 0.6, output 5; search: low 0.01", a line each
std::string rest_of(const Json& price) {
  std::string out;
  if (!price.is_object()) return out;
  for (const auto& member : price.items())
    if (member.value().is_string() && member.key() != "input" && member.key() != "output" &&
        member.key() != "input_cached")
      append_member(out, out.empty() ? "" : ", ", member.key(), member.value());
  const auto add_part = [&](const std::string& part) { out += (out.empty() || part.empty() ? "" : "; ") + part; };
  add_part(steps_of(price));
  const auto add_prices = [&](const std::string& name, const Json& of) {
    std::string part = name + ":";
    const char* comma = " ";
    for (const auto& member : of.items())
      if (member.value().is_string()) append_member(part, std::exchange(comma, ", "), member.key(), member.value());
    add_part(part);
    add_part(steps_of(of));
  };
  const Json tiers = price.value("service_tiers", Json::object());
  for (const auto& tier : tiers.items()) add_prices(tier.key(), tier.value());
  if (price.contains("search")) add_prices("search", price.at("search"));
  return out;
}

void print_row(const std::string& name, const Json& price, const std::string& from) {
  std::printf("%-32s %9s %9s %9s  %s\n", name.c_str(), text_of(price, "input").c_str(),
              text_of(price, "output").c_str(), text_of(price, "input_cached").c_str(), from.c_str());
  std::string rest = rest_of(price);
  for (std::size_t at = 0; (at = rest.find("; ", at)) != std::string::npos; at += 5) rest.replace(at, 2, "\n    ");
  if (!rest.empty()) std::printf("    %s\n", rest.c_str());
}

void print_head(const char* what) {
  std::printf("USD per million tokens\n\n%-32s %9s %9s %9s  from\n", what, "input", "output", "cached");
}

const char* source_name(PriceSource source) {
  switch (source) {
    case PriceSource::own: return "own";
    case PriceSource::table: return "table";
    case PriceSource::unknown: break;
  }
  return "unknown";
}

void print_json(const PriceVersion& version, Json deployments) {
  const bool stale = !version.date.empty() && days_since(version.date) > stale_days;
  const Json out = {{"version", version.id},
                    {"table", version.table},
                    {"date", version.date.empty() ? Json(nullptr) : Json(version.date)},
                    {"stale", stale},
                    {"deployments", std::move(deployments)}};
  std::printf("%s\n", out.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

int show(const std::string& path, bool json) {
  const Loaded loaded = load_file(path);
  if (!usable(loaded, Told::all)) return exit_no;
  const PriceVersion& version = loaded.spec.price_version;
  const Json dump = Json::parse(config_dump(loaded.spec));
  Json rows = Json::array();
  for (const Deployment& deployment : loaded.spec.deployments) {
    const Json& price = dump.at("deployments").at(deployment.name).at("price");
    rows.push_back({{"deployment", deployment.name},
                    {"model", deployment.model},
                    {"from", source_name(deployment.price_source)},
                    {"listed_as", deployment.price_key.empty() ? Json(nullptr) : Json(deployment.price_key)},
                    {"price", price}});
  }
  if (json) {
    print_json(version, std::move(rows));
    return exit_done;
  }
  std::printf("version %s; table: %s%s\n", version.id.c_str(), version.table.c_str(),
              version.date.empty() ? "" : (", of " + version.date).c_str());
  print_head("deployment");
  for (const Json& row : rows) {
    const auto from = row.at("from").get<std::string>();
    const std::string listed = row.at("listed_as").is_null() ? "" : row.at("listed_as").get<std::string>();
    print_row(row.at("deployment").get<std::string>(), row.at("price"),
              from == "table" ? "table: " + listed
              : from == "own" ? "its own"
                              : "not known");
  }
  note_age(version.date);
  return exit_done;
}

/// Every model of the table as a deployment of its own.
int show_built_in(bool json) {
  const config::PriceTable& table = config::builtin_prices().table();
  ConfigSpec spec;
  for (const config::ListedModel& model : table.models) {
    Deployment& deployment = spec.deployments.emplace_back();
    deployment.name = model.name;
    deployment.price = model.price;
  }
  const Json dump = Json::parse(config_dump(spec));
  const PriceVersion version{config::builtin_prices().name(), table.date, table.date};
  if (json) {
    Json rows = Json::array();
    for (const config::ListedModel& model : table.models)
      rows.push_back({{"model", model.name},
                      {"provider", model.provider},
                      {"price", dump.at("deployments").at(model.name).at("price")}});
    print_json(version, std::move(rows));
    return exit_done;
  }
  std::printf("table: %s, of %s, %zu models\n", version.table.c_str(), table.date.c_str(), table.models.size());
  print_head("model");
  for (const config::ListedModel& model : table.models)
    print_row(model.name, dump.at("deployments").at(model.name).at("price"), model.provider);
  note_age(table.date);
  return exit_done;
}

void write_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  std::ofstream out(fresh, std::ios::binary);
  out << text;
  out.close();
  if (!out || std::rename(fresh.c_str(), path.c_str()) != 0) {
    std::remove(fresh.c_str());
    throw std::runtime_error("cannot write '" + path + "'");
  }
}

void report_import(const config::ImportedPrices& imported) {
  std::fprintf(stderr, "%zu models\n", imported.table.models.size());
  if (imported.rounded > 0) std::fprintf(stderr, "rounded to a femto-USD per token: %zu prices\n", imported.rounded);
  for (const auto& [reason, names] : imported.skipped) {
    std::string shown;
    for (std::size_t i = 0; i < std::min(names.size(), names_shown); ++i) shown += (i > 0 ? ", " : "") + names[i];
    if (names.size() > names_shown) shown += ", ...";
    std::fprintf(stderr, "skipped %zu: %s (%s)\n", names.size(), reason.c_str(), shown.c_str());
  }
}

int import(const std::string& path, const std::string& out, std::string date) {
  if (date.empty()) date = utc_text(now_unix_ms() / 1000, "%Y-%m-%d");
  if (const Refusal refusal = check_date(date)) throw UsageError("--date: " + std::string(refusal.fix));
  std::string reason;
  const auto text = read_file(path, import_bytes_max, reason);
  if (!text) throw std::runtime_error("cannot read '" + path + "': " + reason);
  auto imported = config::import_litellm(*text);
  if (!imported) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), imported.error().message.c_str());
    return exit_no;
  }
  imported->table.date = date;
  const std::string yaml = "# Imported from LiteLLM's table by `triage prices import`. USD per million tokens.\n" +
                           config::price_table_yaml(imported->table);
  if (out.empty())
    std::fwrite(yaml.data(), 1, yaml.size(), stdout);
  else
    write_file(out, yaml);
  report_import(*imported);
  return exit_done;
}

int print_prices(const Arguments& arguments) {
  return arguments.has("config") ? show(arguments.value("config"), arguments.has("json"))
                                 : show_built_in(arguments.has("json"));
}

int import_prices(const Arguments& arguments) {
  return import(arguments.words()[0], arguments.value("out"), arguments.value("date"));
}

}  // namespace

Command prices_command() {
  return {.name = "prices",
          .summary = "show prices, import LiteLLM's",
          .examples = {{"triage prices show --config triage.yaml", "what each deployment costs, and why"},
                       {"triage prices import model_prices_and_context_window.json --out prices.yaml", "newer prices"}},
          .commands = {
              {.name = "show",
               .summary = "what each deployment costs, and where the price is from",
               .about =
                   "Prints what each deployment costs, in USD per million tokens, and where the price is from; without "
                   "--config the table that is built in.",
               .options = {{"config", "FILE", "the configuration"}, json_option()},
               .run = print_prices},
              {.name = "import",
               .summary = "LiteLLM's table as Triage's own",
               .about =
                   "Reads LiteLLM's model_prices_and_context_window.json and writes a table for `prices: {file: ...}`; "
                   "what cannot be used is named.",
               .operands = {{"FILE"}},
               .options = {{"out", "FILE", "where the table goes; standard output if not given"},
                           {"date", "YYYY-MM-DD", "when these were the prices; today if not given"}},
               .run = import_prices}}};
}

}  // namespace triage
