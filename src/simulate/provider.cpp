#include "simulate/provider.hpp"

#include "base/percent.hpp"
#include "base/text.hpp"
#include "simulate/answering.hpp"
#include "simulate/chance.hpp"
#include "simulate/delivery.hpp"
#include "simulate/embedding.hpp"
#include "simulate/model.hpp"
#include "simulate/other_endpoints.hpp"
#include "simulate/question.hpp"

#include <mutex>

// path -> [x-simulate] -> [key] -> body -> question -> model -> answer -> bytes, with the pace and the faults of the
// model. The whole answer is made up in one go, between reading the body and the first wait.

namespace triage {

using namespace simulate;

namespace {

// "chatcmpl-" and the like, and 24 characters of [0-9a-z].
std::string reply_id(std::string_view prefix, std::uint64_t chance) {
  std::string id(prefix);
  for (std::uint64_t half = 0; half < 2; ++half) {
    std::uint64_t bits = draw(chance, purpose::id + half * 0x100);
    for (int i = 0; i < 12; ++i, bits /= 36) id += "0123456789abcdefghijklmnopqrstuvwxyz"[bits % 36];
  }
  return id;
}

// The path after the first "/v1/", whatever comes before it.
std::string_view resource_of(std::string_view path) {
  const std::size_t at = path.find("/v1/");
  return at == std::string_view::npos ? std::string_view() : path.substr(at + 4);
}

constexpr std::chrono::nanoseconds at_once(0);

Misbehaviour nothing_wrong() {
  return {};
}

Async<void> refuse(Exchange& exchange, const Fault& fault) {
  const Misbehaviour none;
  Body body = body_of(fault);
  co_await send_body(exchange, std::move(body), at_once, none);
}

// Called when the body could not be read.
Async<void> refuse_body(Exchange& exchange, Error error) {
  if (error.code == ErrorCode::client_gone) co_return exchange.abort();
  const ErrorTraits& known = traits(error.code);
  Fault fault;
  fault.status = known.status;
  fault.message = std::move(error.message);
  fault.type = known.type;
  fault.code = known.name;
  co_await refuse(exchange, fault);
}

}  // namespace

struct SimulatedProvider::Inner {
  // A request to a model, between its question and its answer.
  struct Turn {
    Model* model = nullptr;
    std::uint64_t chance = 0;
    Pace pace;
    std::optional<Body> instead;  // sent in place of an answer
    bool drop = false;
  };

  Inner(SimulateSpec simulation, std::uint64_t with_seed)
      : api_key(std::move(simulation.api_key)), coalesce(simulation.coalesce), seed(with_seed) {
    for (ModelSpec& spec : simulation.models) {
      auto model = std::make_unique<Model>(std::move(spec));
      by_name.emplace(model->spec.name, model.get());
      models.push_back(std::move(model));
    }
  }

  Async<void> route(Exchange& exchange);
  Async<void> chat(Exchange& exchange, Misbehaviour wrong);
  Async<void> complete(Exchange& exchange, Misbehaviour wrong);
  Async<void> embed(Exchange& exchange, Misbehaviour wrong);
  Async<void> pass_on(Exchange& exchange, std::string_view resource, Misbehaviour wrong);
  Async<void> echo_stream(Exchange& exchange);
  Async<bool> send_instead(Exchange& exchange, Turn& turn, const Misbehaviour& wrong);

  [[nodiscard]] std::optional<Fault> refuse_key(const RequestHead& head) const;
  [[nodiscard]] bool still_applies(const RequestHead& head, std::uint32_t first);
  void scope(const RequestHead& head, std::string_view model, Misbehaviour& wrong);
  Turn begin_turn(const Question& question, ModelKind kind, const Misbehaviour& wrong);

  const std::string api_key;
  const bool coalesce;
  const std::uint64_t seed;
  Models models;
  std::unordered_map<std::string, Model*, TextHash, std::equal_to<>> by_name;

  std::mutex first_mutex;
  std::unordered_map<std::uint64_t, std::uint32_t> first_seen;  // by the header's hash: requests so far
};

SimulatedProvider::SimulatedProvider(SimulateSpec spec, std::uint64_t seed)
    : inner_(std::make_unique<Inner>(std::move(spec), seed)) {}
SimulatedProvider::~SimulatedProvider() = default;

Async<void> SimulatedProvider::handle(Exchange& exchange) {
  return inner_->route(exchange);
}

Async<void> SimulatedProvider::Inner::route(Exchange& exchange) {
  const RequestHead& head = exchange.head();
  const std::string_view resource = resource_of(head.path);
  Misbehaviour wrong;
  std::optional<Fault> fault;
  if (const auto header = find_field(head.fields, "x-simulate")) fault = read_misbehaviour(*header, wrong);
  const bool billing = head.path.ends_with("/simulate/billing");
  if (!fault && !billing) fault = refuse_key(head);
  if (fault) {
    co_await refuse(exchange, *fault);
  } else if (billing) {
    Body body;
    body.text = billing_text(models);
    const Misbehaviour none;
    co_await send_body(exchange, std::move(body), at_once, none);
  } else if (resource == "echo/stream") {
    co_await echo_stream(exchange);
  } else if (head.method == "POST" && resource == "chat/completions") {
    co_await chat(exchange, std::move(wrong));
  } else if (head.method == "POST" && resource == "completions") {
    co_await complete(exchange, std::move(wrong));
  } else if (head.method == "POST" && resource == "embeddings") {
    co_await embed(exchange, std::move(wrong));
  } else {
    co_await pass_on(exchange, resource, std::move(wrong));
  }
}

std::optional<Fault> SimulatedProvider::Inner::refuse_key(const RequestHead& head) const {
  if (api_key.empty()) return std::nullopt;
  const std::string_view field = find_field(head.fields, "authorization").value_or("");
  if (field.size() > 7 && iequals(field.substr(0, 7), "bearer ") && trimmed(field.substr(7)) == api_key)
    return std::nullopt;
  return usual_fault(401);
}

bool SimulatedProvider::Inner::still_applies(const RequestHead& head, std::uint32_t first) {
  constexpr std::size_t remembered_most = 65'536;
  const std::uint64_t key = mix(seed, find_field(head.fields, "x-simulate").value_or(""));
  const std::lock_guard lock(first_mutex);
  if (first_seen.size() >= remembered_most) first_seen.clear();
  return first_seen[key]++ < first;
}

void SimulatedProvider::Inner::scope(const RequestHead& head, std::string_view model, Misbehaviour& wrong) {
  if (!wrong.model.empty() && wrong.model != model) wrong = nothing_wrong();
  if (wrong.first > 0 && !still_applies(head, wrong.first)) wrong = nothing_wrong();
}

SimulatedProvider::Inner::Turn SimulatedProvider::Inner::begin_turn(const Question& question, ModelKind kind,
                                                                    const Misbehaviour& wrong) {
  Turn turn;
  const auto fail = [&](const Fault& fault) {
    turn.instead = body_of(fault);
    return turn;
  };
  turn.pace.head = wrong.delay;
  const auto found = by_name.find(std::string_view(question.model));
  if (found == by_name.end()) return fail(no_such_model(question.model));
  turn.model = found->second;
  const ModelSpec& spec = turn.model->spec;
  const std::uint64_t count = turn.model->seen.fetch_add(1, std::memory_order_relaxed);
  turn.chance = mix(mix(mix(seed, std::string_view(spec.name)), question.fingerprint), ~count);
  turn.pace.head += sample(spec.latency, turn.chance, purpose::latency);

  turn.drop = wrong.drop;
  if (wrong.status) {
    Fault fault = usual_fault(*wrong.status);
    fault.retry_after = wrong.retry_after;
    if (!wrong.code.empty()) fault.code = wrong.code;
    return fail(fault);
  }
  if (wrong.html || wrong.error_body) {
    turn.instead.emplace();
    if (wrong.html) turn.instead->content_type = "text/html; charset=utf-8";
    turn.instead->text =
        wrong.html ? "<!DOCTYPE html>\n<html><body><h1>It works!</h1></body></html>\n" : fault_text(usual_fault(500));
    return turn;
  }
  if (const auto fault = refusal_of(spec, question, kind, turn.chance)) return fail(*fault);
  turn.pace.first = sample(spec.ttft, turn.chance, purpose::ttft) + wrong.ttft;
  if (spec.tokens_per_second > 0)
    turn.pace.per_token = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / spec.tokens_per_second));
  turn.pace.coalesce = coalesce;
  return turn;
}

// True if no answer is to be sent any more.
Async<bool> SimulatedProvider::Inner::send_instead(Exchange& exchange, Turn& turn, const Misbehaviour& wrong) {
  if (!turn.instead && !turn.drop) co_return false;
  if (turn.model != nullptr) turn.model->failures.fetch_add(1, std::memory_order_relaxed);
  if (turn.drop) {
    co_await pause_until(exchange, std::chrono::steady_clock::now() + turn.pace.head);
    exchange.abort();
    co_return true;
  }
  co_await send_body(exchange, std::move(*turn.instead), turn.pace.head, wrong);
  co_return true;
}

Async<void> SimulatedProvider::Inner::chat(Exchange& exchange, Misbehaviour wrong) {
  const auto body = co_await exchange.read_body();
  if (!body) {
    Error error = body.error();
    co_return co_await refuse_body(exchange, std::move(error));
  }
  Question question;
  if (const auto fault = read_chat(*body, question)) co_return co_await refuse(exchange, *fault);
  scope(exchange.head(), question.model, wrong);
  Turn turn = begin_turn(question, ModelKind::chat, wrong);
  const bool answered = co_await send_instead(exchange, turn, wrong);
  if (answered) co_return;
  Answer made = make_answer(turn.model->spec, question, seed);
  ReplyHead reply;
  reply.id = reply_id("chatcmpl-", turn.chance);
  co_await send_answer(exchange, *turn.model, turn.pace, question, made, std::move(reply), wrong);
}

Async<void> SimulatedProvider::Inner::complete(Exchange& exchange, Misbehaviour wrong) {
  const auto body = co_await exchange.read_body();
  if (!body) {
    Error error = body.error();
    co_return co_await refuse_body(exchange, std::move(error));
  }
  CompletionQuestion asked;
  if (const auto fault = read_completion(*body, asked)) co_return co_await refuse(exchange, *fault);
  scope(exchange.head(), asked.first.model, wrong);
  Turn turn = begin_turn(asked.first, ModelKind::chat, wrong);
  const bool answered = co_await send_instead(exchange, turn, wrong);
  if (answered) co_return;
  Answer made;
  for (const Question& prompt : asked.prompts) {
    Answer one = make_answer(turn.model->spec, prompt, seed);
    made.usage.prompt += one.usage.prompt;
    made.usage.completion += one.usage.completion;
    made.usage.cached += one.usage.cached;
    made.usage.reasoning += one.usage.reasoning;
    for (Choice& choice : one.choices) {
      if (asked.echo) choice.echo = prompt.text;
      made.choices.push_back(std::move(choice));
    }
  }
  ReplyHead reply;
  reply.api = simulate::Api::completion;
  reply.id = reply_id("cmpl-", turn.chance);
  co_await send_answer(exchange, *turn.model, turn.pace, asked.first, made, std::move(reply), wrong);
}

Async<void> SimulatedProvider::Inner::embed(Exchange& exchange, Misbehaviour wrong) {
  const auto body = co_await exchange.read_body();
  if (!body) {
    Error error = body.error();
    co_return co_await refuse_body(exchange, std::move(error));
  }
  EmbeddingQuestion asked;
  if (const auto fault = read_embedding(*body, asked)) co_return co_await refuse(exchange, *fault);
  scope(exchange.head(), asked.model, wrong);
  Question question;  // the one that begin_turn checks; each input must fit the window, not their sum
  question.model = asked.model;
  question.prompt_tokens = asked.longest_tokens;
  Turn turn = begin_turn(question, ModelKind::embedding, wrong);
  const bool answered = co_await send_instead(exchange, turn, wrong);
  if (answered) co_return;
  Body reply;
  reply.text = embedding_text(asked, turn.model->spec, seed);
  simulate::Usage usage;
  usage.prompt = asked.prompt_tokens;
  reply.tokens = 1;
  const bool sent = co_await send_body(exchange, std::move(reply), turn.pace.head + turn.pace.first, wrong);
  bill(exchange, *turn.model, usage, sent);
}

Async<void> SimulatedProvider::Inner::pass_on(Exchange& exchange, std::string_view resource, Misbehaviour wrong) {
  const auto body = co_await exchange.read_body();
  if (!body) {
    Error error = body.error();
    co_return co_await refuse_body(exchange, std::move(error));
  }
  const RequestHead& head = exchange.head();
  scope(head, {}, wrong);
  if (wrong.drop) co_return exchange.abort();
  Body reply;
  const bool get = head.method == "GET" || head.method == "HEAD";
  if (wrong.status) {
    Fault fault = usual_fault(*wrong.status);
    fault.retry_after = wrong.retry_after;
    reply = body_of(fault);
  } else if (get && resource == "models") {
    reply.text = models_text(models);
  } else if (get && resource.starts_with("models/")) {
    const std::string name = percent_decoded(resource.substr(7));
    reply = by_name.contains(name) ? Body() : body_of(no_such_model(name));
    if (reply.text.empty()) append_model(reply.text, name);
  } else if (resource == "chat/completions" || resource == "completions" || resource == "embeddings") {
    Fault fault = usual_fault(405);
    fault.message = "Only POST requests are accepted here.";
    fault.code = "method_not_supported";
    reply = body_of(fault);
  } else {
    reply = other_endpoint(head, resource, *body);
    reply.tokens = 1000;  // counts of x-simulate are then thousandths of the body
  }
  co_await send_body(exchange, std::move(reply), wrong.delay, wrong);
}

// Sends each piece of the body back as it comes. The client must read while it writes.
Async<void> SimulatedProvider::Inner::echo_stream(Exchange& exchange) {
  const RequestHead& request = exchange.head();
  ResponseHead head;
  const auto type = find_field(request.fields, "content-type").value_or("application/octet-stream");
  head.fields.push_back(Field{"content-type", type});
  auto going = co_await exchange.begin(std::move(head), request.content_length, std::string_view());
  while (going) {
    const auto piece = co_await exchange.read_body_some();
    if (!piece) break;
    if (piece->empty()) {
      co_await exchange.finish();
      co_return;
    }
    going = co_await exchange.write(*piece);
  }
  exchange.abort();
}

}  // namespace triage
