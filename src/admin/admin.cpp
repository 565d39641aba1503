// A page shown by a browser must not be able to change anything, whatever machine the browser runs on: requests that
// change something are refused if they have an Origin, which browsers add to each of them (Fetch, 3.2), unless it is
// the dashboard's own and the admin key comes with it. It must not be able to read anything, either: a page that
// reaches the admin address under a name of its own is detected by Host.
#include "admin/admin.hpp"

#include "admin/pages.hpp"
#include "http1/error_fields.hpp"
#include "http1/field_grammar.hpp"
#include "http1/host_name.hpp"
#include "openai/error_body.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>

namespace triage::admin {
namespace {

using Json = nlohmann::ordered_json;

struct Answer {
  int status = 200;
  std::string_view type = "application/json";
  std::string body;
};

Answer refused(const Error& error) {
  return {traits(error.code).status, "application/json", error_body(error)};
}

Answer json(const Json& object, int status = 200) {
  return {status, "application/json", object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Answer live(const Metrics&, const Control&) {
  return json({{"status", "live"}});
}

Answer ready(const Metrics&, const Control& control) {
  const bool serves = control.ready();
  const ConfigState state = control.config_state();
  Json object;
  object["status"] = serves ? "ready" : "stopping";
  object["version"] = state.version;
  object["loaded_unix"] = state.loaded;
  object["last_reload_error"] = state.last_error.empty() ? Json() : Json(state.last_error);
  object["at_next_start"] = state.at_next_start;
  object["problems"] = control.problems();
  return json(object, serves ? 200 : 503);
}

// Labels only what is in force now, because a registry would keep the labels of all versions that ever were.
Answer metrics(const Metrics& metrics, const Control& control) {
  const ConfigState state = control.config_state();
  std::string text = metrics.text();
  text += "# HELP triage_config_info The configuration in force.\n# TYPE triage_config_info gauge\n";
  text += "triage_config_info{version=\"" + state.version + "\"} 1\n";
  text += "# HELP triage_config_loaded_timestamp_seconds When it was taken up.\n";
  text += "# TYPE triage_config_loaded_timestamp_seconds gauge\n";
  text += "triage_config_loaded_timestamp_seconds " + std::to_string(state.loaded) + "\n";
  text += "# HELP triage_config_last_reload_ok 0 if the last reload failed.\n";
  text += "# TYPE triage_config_last_reload_ok gauge\ntriage_config_last_reload_ok ";
  text += state.last_error.empty() ? "1\n" : "0\n";
  text += control.experiment_metrics();
  return {200, "text/plain; version=0.0.4; charset=utf-8", std::move(text)};
}

Answer config(const Metrics&, const Control& control) {
  return {200, "application/json", control.config()};
}

Answer experiments(const Metrics&, const Control& control) {
  return {200, "application/json", control.experiments() + "\n"};
}

Answer reloaded(const Result<Reloaded>& came) {
  if (!came) return refused(came.error());
  if (!came->problem.empty()) return refused({ErrorCode::invalid_config, came->problem});
  Json object;
  object["version"] = came->state.version;
  object["changed"] = came->changed;
  object["at_next_start"] = came->state.at_next_start;
  return json(object);
}

struct Page {
  std::string_view path;
  Answer (*answer)(const Metrics&, const Control&);  // null: POST /admin/reload
};
constexpr std::array<Page, 6> pages{{{"/health/live", live},
                                     {"/health/ready", ready},
                                     {"/metrics", metrics},
                                     {"/admin/config", config},
                                     {"/admin/experiments", experiments},
                                     {"/admin/reload", nullptr}}};
constexpr std::array<std::string_view, 4> experiment_actions{"start", "pause", "promote", "rollback"};
constexpr std::size_t reason_max = 1000;

const Page* page_at(std::string_view path) {
  for (const Page& page : pages)
    if (page.path == path) return &page;
  return nullptr;
}

Error nothing_there() {
  std::string message = "the admin address serves";
  for (const Page& page : pages) message += (page.path == pages.front().path ? " " : ", ") + std::string(page.path);
  message += ", /dashboard/, /admin/experiments/NAME, and below it /start, /pause, /promote, /rollback";
  return {ErrorCode::not_found, std::move(message)};
}

// What a path below /admin/experiments/ means: NAME, or NAME/ACTION. nullopt: nothing.
std::optional<ExperimentChange> experiment_in(std::string_view path) {
  constexpr std::string_view prefix = "/admin/experiments/";
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  const std::size_t slash = std::min(path.find('/'), path.size());
  ExperimentChange out;
  out.name = path.substr(0, slash);
  if (slash < path.size()) out.action = path.substr(slash + 1);
  const bool known =
      slash == path.size() || std::ranges::find(experiment_actions, out.action) != experiment_actions.end();
  if (out.name.empty() || !known) return std::nullopt;
  return out;
}

// Why the request cannot be answered, or nullopt. `exists`: there is something at its path; `asks`: by POST, although
// it changes nothing.
std::optional<Error> refusal(const RequestHead& head, bool exists, bool changes, bool asks, const Control& control) {
  if (!control.answers_to(head.host))
    return Error{ErrorCode::host_not_allowed, "the admin address does not answer to the host " +
                                                  grammar::quote(head.host) +
                                                  "; ask by its IP address, or add the name to admin.hosts"};
  if (!exists) return nothing_there();
  const bool reads = head.method == "GET" || head.method == "HEAD";
  const bool posts = changes || asks;
  if (posts ? head.method != "POST" : !reads) {
    Error error{ErrorCode::method_not_allowed, std::string(head.path) + " takes " + (posts ? "POST" : "GET")};
    error.allow = posts ? "POST" : "GET, HEAD";
    return error;
  }
  if (!changes) return std::nullopt;
  if (find_field(head.fields, "origin")) {
    if (!from_dashboard(head))
      return Error{ErrorCode::origin_not_allowed, "pages of a browser may not change anything here; use curl"};
    const auto reader = control.reader(head);
    if (!reader) return reader.error();
    if (!reader->keyed)
      return Error{ErrorCode::origin_not_allowed,
                   "the dashboard only reads where the configuration has no admin.key; set one, or use curl"};
  }
  const auto actor = control.actor(head);
  return actor ? std::nullopt : std::optional(actor.error());
}

// The reason in the body of a request: {"reason": "..."}, or no body at all.
Result<std::string> reason_in(std::string_view body) {
  if (body.empty()) return std::string();
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object())
    return Error{ErrorCode::invalid_json, R"(write the body as {"reason": "..."}, or leave it out)"};
  for (const auto& [name, value] : json.items())
    if (name != "reason" || !value.is_string() || value.get_ref<const std::string&>().size() > reason_max)
      return Error{ErrorCode::invalid_value,
                   "the body's only member is `reason`, a text of at most " + std::to_string(reason_max) + " bytes",
                   name};
  return json.value("reason", "");
}

}  // namespace

bool is_own_host(std::string_view host, const AdminSpec& admin) {
  if (host.empty()) return true;
  const std::string_view name = bare_host(host);
  const auto is_it = [name](std::string_view own) { return iequals(name, bare_host(own)); };
  if (is_it("localhost") || iequals(name, admin.address.host) || std::ranges::any_of(admin.hosts, is_it)) return true;
  boost::system::error_code no_address;
  const auto asked = boost::asio::ip::make_address(std::string(name), no_address);
  if (no_address) return false;
  const auto own = boost::asio::ip::make_address(admin.address.host, no_address);
  return asked.is_loopback() || asked == own || (!no_address && own.is_unspecified());
}

Async<Result<std::string>> Admin::change(Exchange& exchange, ExperimentChange wanted) {
  const auto body = co_await exchange.read_body();
  if (!body) co_return body.error();
  auto reason = reason_in(*body);
  if (!reason) co_return reason.error();
  wanted.reason = std::move(*reason);
  wanted.actor = *control_.actor(exchange.head());
  co_return co_await control_.change_experiment(std::move(wanted));
}

Async<void> Admin::serve_page(Exchange& exchange) {
  const RequestHead& asked = exchange.head();
  ResponseHead head;
  std::string_view body;
  if (const dashboard::Asset* const asset = asset_of(asked.path); asset != nullptr) {
    head.fields = asset_fields(*asset);
    if (has_already(asked, *asset))
      head.status = 304;
    else
      body = asset->content;
  } else {
    head.status = 308;
    head.fields = {{"location", dashboard_path}, {"cache-control", "no-store"}};
  }
  co_await exchange.respond(std::move(head), body);
}

Async<Result<std::string>> Admin::look(Exchange& exchange, std::string name) {
  const auto reader = control_.reader(exchange.head());
  if (!reader) co_return reader.error();
  ViewRequest wanted;
  wanted.name = std::move(name);
  wanted.query = exchange.head().query;
  wanted.reader = *reader;
  if (exchange.head().has_body()) {
    const auto body = co_await exchange.read_body();
    if (!body) co_return body.error();
    wanted.body = *body;
  }
  co_return co_await control_.view(std::move(wanted));
}

Async<void> Admin::handle(Exchange& exchange) {
  const std::string_view path = exchange.head().path;
  const Page* const page = page_at(path);
  const auto experiment = experiment_in(path);
  const auto view = view_of(path);
  const bool shown = leads_to_dashboard(path) || asset_of(path) != nullptr;
  const bool changes = experiment ? !experiment->action.empty() : page != nullptr && page->answer == nullptr;
  Answer made;
  std::optional<Error> error =
      refusal(exchange.head(), page != nullptr || experiment || view || shown, changes, view && view->post, control_);
  if (!error && view) error = view_refusal(exchange.head(), *view);
  if (!error && shown) {
    co_await serve_page(exchange);
    co_return;
  }
  if (error) {
    made = refused(*error);
  } else if (view) {
    const Result<std::string> came = co_await look(exchange, std::string(view->name));
    if (!came) error = came.error();
    made = came ? Answer{200, "application/json", *came + "\n"} : refused(*error);
  } else if (experiment) {
    Result<std::string> came = std::string();
    if (changes)
      came = co_await change(exchange, *experiment);
    else
      came = control_.experiment(experiment->name);
    if (!came) error = came.error();
    made = came ? Answer{200, "application/json", *came + "\n"} : refused(*error);
  } else if (page->answer != nullptr) {
    made = page->answer(metrics_, control_);
  } else {
    const auto came = co_await control_.reload();
    made = reloaded(came);
  }
  ResponseHead head;
  head.status = made.status;
  head.fields = {{"content-type", made.type}, {"x-content-type-options", "nosniff"}};
  if (view) head.fields.push_back({"cache-control", "no-store"});
  std::string storage;
  if (made.status >= 400) add_error_fields(head, error.value_or(Error()), storage);
  co_await exchange.respond(std::move(head), made.body);
}

}  // namespace triage::admin
