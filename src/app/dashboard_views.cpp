#include "app/dashboard_views.hpp"

#include "app/arguments.hpp"
#include "app/explain_order.hpp"
#include "app/own_command.hpp"
#include "app/query.hpp"
#include "base/event.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "base/unix_time.hpp"
#include "ledger/quality_trend.hpp"
#include "ledger/search.hpp"
#include "ledger/trend.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <boost/asio/post.hpp>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;
using admin::ViewRequest;

constexpr std::chrono::minutes patience{2};             // for a command
constexpr std::size_t text_max = std::size_t{4} << 20;  // of a configuration or a file of questions
constexpr std::int64_t day_s = 24LL * 3600;
constexpr std::int64_t span_most_s = 400 * day_s;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Error bad(std::string message, std::string param) {
  return {ErrorCode::invalid_value, std::move(message), std::move(param)};
}

// What a view takes: `since` and `until` as Unix seconds, or `last` seconds.
struct Span {
  std::int64_t since_s = 0, until_s = 0;
};

Span span_of(const Query& query) {
  Span out;
  out.until_s = query.whole("until").value_or(now_unix_ms() / 1000 + 1);
  out.since_s = query.whole("since").value_or(out.until_s - query.whole("last").value_or(day_s));
  const std::int64_t span = out.until_s - out.since_s;
  if (out.until_s > INT32_MAX * 100LL || span <= 0 || span > span_most_s)
    throw BadQuery{bad("until is not behind since, or the time between them is longer than 400 days", "since")};
  return out;
}

Json overview(const std::string& folder, const Query& query) {
  const Span span = span_of(query);
  return ledger::trend({folder, span.since_s, span.until_s, query.text("route"), query.text("tier"),
                        query.text("deployment"), query.text("key"), query.text("model")});
}

Json quality(const std::string& folder, const Query& query) {
  const Span span = span_of(query);
  const std::int64_t step = std::max<std::int64_t>(ledger::trend_step_s(span.until_s - span.since_s) * 2, 60);
  return ledger::quality_trend(
      {folder, floor_to(span.since_s, step) * 1000, span.until_s * 1000, step * 1000, query.text("route")});
}

Json requests(const std::string& folder, const Query& query, bool texts) {
  ledger::SearchOptions out;
  out.folder = folder;
  out.before_seq = query.whole("before");
  out.after_seq = query.whole("after");
  out.rows_max = static_cast<std::size_t>(std::clamp<std::int64_t>(query.whole("rows").value_or(50), 1, 200));
  const auto ms = [](std::optional<std::int64_t> s) { return s ? std::optional(*s * 1000) : std::nullopt; };
  out.since_unix_ms = ms(query.whole("since"));
  out.until_unix_ms = ms(query.whole("until"));
  if (const auto last = query.whole("last"); last && !out.since_unix_ms)
    out.since_unix_ms = now_unix_ms() - std::clamp<std::int64_t>(*last, 1, span_most_s) * 1000;
  out.route = query.text("route");
  out.tier = query.text("tier");
  out.key = query.text("key");
  out.model = query.text("model");
  out.error = query.text("error");
  out.task_class = query.text("class");
  out.deployment = query.text("deployment");
  out.outcome = query.text("outcome");
  out.cause = query.text("cause");
  out.signal = query.text("signal");
  if (out.signal && !std::ranges::all_of(*out.signal, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; }))
    throw BadQuery{
        bad("signal is the name of none: give refusal, hedging, truncated, schema_failure or retry", "signal")};
  out.thumb = query.text("thumb");
  out.experiment = query.text("experiment");
  out.arm = query.text("arm");
  out.text = query.text("text");
  out.status = query.whole("status");
  out.cost_usd_min = query.decimal("cost_min");
  out.latency_ms_min = query.decimal("latency_min");
  return ledger::search(out, texts);
}

Json names(const Snapshot& now, const ViewRequest& request) {
  const ConfigSpec& spec = now.spec;
  Json out{{"version", now.version},        {"keyed", request.reader.keyed},     {"has_key", request.reader.has_key},
           {"texts", request.reader.texts}, {"ledger", spec.ledger.has_value()}, {"routes", Json::array()},
           {"tiers", spec.tiers},           {"deployments", Json::array()},      {"keys", Json::array()},
           {"models", Json::array()},       {"experiments", Json::array()}};
  for (const RouteSpec& route : spec.routes) {
    out["routes"].push_back(route.name);
    if (route.experiment) out["experiments"].push_back(route.experiment->name);
  }
  for (const Deployment& deployment : spec.deployments) out["deployments"].push_back(deployment.name);
  for (const KeySpec& key : spec.keys) out["keys"].push_back(key.name);
  if (!spec.ledger) return out;
  const auto first = ledger::first_unix_ms(spec.ledger->dir);
  out["first_unix_ms"] = first ? Json(*first) : Json();
  const Json seen = ledger::known_names(spec.ledger->dir);
  for (const auto& [list, values] : seen.items())
    for (const Json& each : values)
      if (std::ranges::find(out[list], each) == out[list].end()) out[list].push_back(each);
  return out;
}

Json object_in(const std::string& body) {
  Json out = Json::parse(body, nullptr, false);
  if (!out.is_object()) throw BadQuery{{ErrorCode::invalid_json, "the body is no JSON object: send one"}};
  return out;
}

std::string member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

ExplainOrder order_in(const Json& asked) {
  ExplainOrder out;
  if (const std::string path = member(asked, "path"); !path.empty()) out.path = path;
  if (const std::string key = member(asked, "key"); !key.empty()) out.key = key;
  if (asked.contains("headers") && asked["headers"].is_array())
    for (const Json& each : asked["headers"])
      if (each.is_string()) out.headers.push_back(each.get<std::string>());
  if (asked.contains("output_tokens") && asked["output_tokens"].is_number_unsigned())
    out.output_tokens = std::min<std::int64_t>(asked["output_tokens"].get<std::int64_t>(), 1'000'000'000);
  if (asked.contains("request") && asked["request"].is_object()) {
    out.body = text_of(asked["request"]);
    return out;
  }
  const std::string model = member(asked, "model");
  out.body = text_of({{"model", model.empty() ? "auto" : model},
                      {"messages", {{{"role", "user"}, {"content", member(asked, "prompt")}}}}});
  return out;
}

// "14d", "24h", "30m".
bool is_span(const std::string& text) {
  return text.size() > 1 && text.size() < 8 && std::string_view("mhd").find(text.back()) != std::string_view::npos &&
         std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
}

// What a command says of the text that it was given, under the name that the reader knows it by.
std::string for_reader(std::string text, std::string_view called = "candidate") {
  const std::string name = text_file;
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at))
    text.replace(at, name.size(), called);
  return text;
}

// A candidate is read with the gateway's own rights. Without the admin key it must not name what only the gateway may
// read.
std::optional<Error> candidate_refusal(const std::string& candidate, const admin::Reader& reader) {
  if (candidate.empty()) return bad("config is missing: paste a whole configuration", "config");
  if (candidate.size() > text_max) return bad("config has more than 4 MiB: check it with `triage check`", "config");
  if (reader.has_key) return std::nullopt;
  if (candidate.find("${") == std::string::npos && candidate.find("include") == std::string::npos) return std::nullopt;
  return Error{ErrorCode::invalid_api_key,
               std::string("a candidate with ${...} or include is read with the gateway's rights: ") +
                   (reader.keyed ? "enter the admin key" : "set admin.key in the configuration, and enter it") +
                   ", or use `triage check --diff`"};
}

// The JSON that a command printed, whatever its exit code says of it.
Json json_of(const CommandEnd& end, std::string_view called = "candidate") {
  if (end.late) throw BadQuery{{ErrorCode::overloaded, "it took longer than two minutes, or the gateway stops"}};
  if (Json::accept(end.out)) return Json::parse(for_reader(end.out, called));
  const std::string why(trimmed(end.err));
  throw BadQuery{bad(why.empty() ? "the command failed" : for_reader(why), "")};
}

// The same, or {"problem": why} of what the ledger has nothing to say to yet.
Json json_or_problem(const CommandEnd& end, std::string_view called = "candidate") {
  const std::string why(trimmed(end.err));
  if (end.late || why.empty() || Json::accept(end.out)) return json_of(end, called);
  return {{"problem", for_reader(why, called)}};
}

bool has_route(const ConfigSpec& spec, const std::string& name) {
  return std::ranges::find(spec.routes, name, &RouteSpec::name) != spec.routes.end();
}

}  // namespace

bool Desk::add(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= waiting_max) return false;
    waiting_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void Desk::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Desk::run() {
  for (std::unique_lock lock(mutex_);;) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

Async<Result<std::string>> DashboardViews::view(ViewRequest request) {
  struct Waiter {
    ViewRequest request;
    Event came;
    std::optional<Result<std::string>> answer;
  };
  const auto waiter = std::make_shared<Waiter>();
  waiter->request = std::move(request);
  const Executor here = co_await asio::this_coro::executor;
  static constexpr std::array<std::string_view, 4> slow{"check", "sweep", "replay", "forecast"};
  const bool is_slow = std::ranges::find(slow, waiter->request.name) != slow.end();
  Desk& desk = is_slow ? slow_ : quick_;
  std::function<void()> work = [this, waiter, here, is_slow] {
    Result<std::string> came = Error{ErrorCode::shutting_down, "the gateway is stopping"};
    if (!quick_.stopping()) came = is_slow ? computed(waiter->request) : made(waiter->request);
    asio::post(here, [waiter, came = std::move(came)] {
      waiter->answer = came;
      waiter->came.notify();
    });
  };
  const bool added = desk.add(std::move(work));
  if (!added) co_return Error{ErrorCode::overloaded, "too many pages of the dashboard ask at once: try again"};
  if (!waiter->answer) co_await waiter->came.wait();
  co_return *waiter->answer;
}

void DashboardViews::stop() {
  quick_.stop();
  slow_.stop();
}

Result<std::string> DashboardViews::made(const ViewRequest& request) {
  try {
    const std::shared_ptr<const Snapshot> now = around_.current();
    if (request.name == "explain") return explained(request);
    if (request.name == "standing") return around_.standing();
    if (request.name == "names") return text_of(names(*now, request));
    if (!now->spec.ledger) return Error{ErrorCode::not_found, "nothing is recorded: the configuration has no 'ledger'"};
    const std::string& folder = now->spec.ledger->dir;
    const Query query(request.query);
    if (request.name == "overview") return text_of(overview(folder, query));
    if (request.name == "quality") return text_of(quality(folder, query));
    if (request.name == "requests") return text_of(requests(folder, query, request.reader.texts));
    const Json found = ledger::one_request(folder, query.text("id").value_or(""), request.reader.texts);
    if (found.is_null()) return Error{ErrorCode::not_found, "the ledger's database has no such request", "id"};
    return text_of(found);
  } catch (const BadQuery& mistake) {
    return mistake.error;
  } catch (const std::exception& failure) {
    log::warn(std::string("the dashboard's ") + request.name + ": " + failure.what());
    return Error{ErrorCode::internal_error, std::string("the ledger cannot be read: ") + failure.what()};
  }
}

Result<std::string> DashboardViews::explained(const ViewRequest& request) {
  const Json asked = object_in(request.body);
  const std::shared_ptr<const Snapshot> now = around_.current();
  if (!trial_ || trial_->snapshot().version != now->version) trial_ = std::make_unique<Trial>(now->spec, now->version);
  for (const RouteSpec& route : now->spec.routes)
    if (route.experiment)
      trial_->live_state().rollout(route.experiment->name).share = around_.share_of(route.experiment->name);
  try {
    return explain_order(trial_->snapshot(), order_in(asked), true).text;
  } catch (const UsageError& mistake) {
    return bad(mistake.what(), "");
  }
}

Result<std::string> DashboardViews::computed(const ViewRequest& request) {
  try {
    if (request.name == "check") return checked(request);
    if (request.name == "forecast") return forecast(Query(request.query).text("name").value_or(""));
    return measured(request);
  } catch (const BadQuery& mistake) {
    return mistake.error;
  } catch (const std::exception& failure) {
    return Error{ErrorCode::internal_error, failure.what()};
  }
}

CommandEnd DashboardViews::run(const std::vector<std::string>& arguments, const std::string& text) const {
  return run_command(arguments, text, patience, slow_.stopping());
}

std::string DashboardViews::forecast(const std::string& experiment) const {
  const std::shared_ptr<const Snapshot> now = around_.current();
  const auto is_it = [&](const RouteSpec& each) { return each.experiment && each.experiment->name == experiment; };
  if (std::ranges::none_of(now->spec.routes, is_it)) throw BadQuery{bad("no route has that experiment", "name")};
  return text_of(
      json_or_problem(run({"experiment", "forecast", "--config", around_.config_file, experiment, "--json"}, "")));
}

std::string DashboardViews::checked(const ViewRequest& request) const {
  const std::string candidate = member(object_in(request.body), "config");
  if (const auto refused = candidate_refusal(candidate, request.reader)) throw BadQuery{*refused};
  Json out{{"check", json_of(run({"check", text_file, "--json"}, candidate))}, {"diff", nullptr}};
  if (out["check"]["ok"] == true)
    out["diff"] = json_of(run({"check", "--diff", around_.config_file, text_file, "--json"}, candidate));
  return text_of(out);
}

// What the ledger says of a route: of its thresholds, or of a candidate's policy.
std::string DashboardViews::measured(const ViewRequest& request) const {
  const std::shared_ptr<const Snapshot> now = around_.current();
  const Json asked = object_in(request.body);
  const std::string route = member(asked, "route");
  if (!has_route(now->spec, route)) throw BadQuery{bad("route is none of the configuration's", "route")};
  const std::string questions = member(asked, "data");
  if (questions.size() > text_max) throw BadQuery{bad("data has more than 4 MiB: use `triage eval --data`", "data")};
  if (request.name == "sweep" && !questions.empty())
    return text_of(json_or_problem(run({"eval", "--config", around_.config_file, "--route", route, "--data", text_file,
                                        "--resamples", "200", "--steps"},
                                       questions),
                                   "the file"));
  if (!now->spec.ledger) throw BadQuery{bad("nothing is recorded: the configuration has no 'ledger'", "")};
  const std::string& folder = now->spec.ledger->dir;
  if (request.name == "sweep")
    return text_of(json_or_problem(run({"eval", "--config", around_.config_file, "--route", route, "--ledger", folder,
                                        "--resamples", "200", "--steps"},
                                       "")));
  const std::string candidate = member(asked, "config");
  if (const auto refused = candidate_refusal(candidate, request.reader)) throw BadQuery{*refused};
  const std::string since = member(asked, "since");
  if (!is_span(since)) throw BadQuery{bad("since is no span: write 24h or 7d", "since")};
  return text_of(json_of(run({"replay", "--diff", around_.config_file, text_file, "--ledger", folder, "--route", route,
                              "--since", since, "--json"},
                             candidate)));
}

}  // namespace triage
