// What a request and an answer cost where the client and the provider speak different dialects: each client's request
// of 1.4 KB written for each provider, and each provider's stream written for each client, by event. docs/benchmarks.md
// has the figures.
#include "clients/clients.hpp"
#include "json/json.hpp"
#include "providers/providers.hpp"
#include "triage/body_padding.hpp"

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace triage {
namespace {

std::string padded(std::string text) {
  text.append(body_padding, '\0');
  return text;
}
std::string_view inside(const std::string& text) {
  return std::string_view(text).substr(0, text.size() - body_padding);
}

std::string question() {
  std::string text = "What became of the ship?";
  while (text.size() < 1'100) text += " Nobody on deck spoke; the captain had made the crossing forty times before.";
  std::string out;
  append_json_string(out, text);
  return out;
}

struct Client {
  WireForm form;
  std::string path;
  std::string body;
};

std::vector<Client> clients() {
  const std::string schema = R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})";
  const std::string text = question();
  std::vector<Client> out;
  out.push_back(
      {WireForm::openai, "/v1/chat/completions",
       R"({"model":"auto","stream":true,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":)" +
           text + R"(}],"max_tokens":300,"tools":[{"type":"function","function":{"name":"weather","parameters":)" +
           schema + "}}]}"});
  out.push_back({WireForm::anthropic, "/v1/messages",
                 R"({"model":"auto","stream":true,"system":"Be brief.","messages":[{"role":"user","content":)" + text +
                     R"(}],"max_tokens":300,"tools":[{"name":"weather","input_schema":)" + schema + "}]}"});
  out.push_back({WireForm::responses, "/v1/responses",
                 R"({"model":"auto","stream":true,"store":false,"instructions":"Be brief.","input":)" + text +
                     R"(,"max_output_tokens":300,"tools":[{"type":"function","name":"weather","parameters":)" + schema +
                     "}]}"});
  out.push_back(
      {WireForm::gemini, "/v1beta/models/auto:streamGenerateContent",
       R"({"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":)" + text +
           R"(}]}],"generationConfig":{"maxOutputTokens":300},"tools":[{"functionDeclarations":[{"name":)"
           R"("weather","parametersJsonSchema":)" +
           schema + "}]}]}"});
  return out;
}

RequestHead head_of(const Client& client) {
  RequestHead head;
  head.method = "POST";
  head.path = client.path;
  head.query = client.form == WireForm::gemini ? "alt=sse" : "";
  return head;
}

// Whether there is an API for clients in this form.
bool spoken(const Client& client) {
  return client.form == WireForm::openai || &client_api(client.form) != &openai_client();
}

void request(benchmark::State& state, const Client& from, const Dialect& to) {
  const std::string body = padded(from.body);
  const RequestHead head = head_of(from);
  Provider provider;
  provider.name = "p";
  provider.base_url = {true, "example.com", 443, "/v1"};
  provider.region = "eu-west-1";
  provider.location = "europe-west1";
  provider.project = "p";
  Deployment deployment;
  deployment.model = "m";
  deployment.form = to.form(deployment);
  for (auto _ : state) {
    const auto parsed = client_api(from.form).parse(Api::chat, head, inside(body), 64);
    if (!parsed) return state.SkipWithError(parsed.error().message.c_str());
    blocks_of(*parsed);
    const auto call = to.encode(*parsed, head, deployment, provider, std::chrono::system_clock::now());
    if (!call) return state.SkipWithError(call.error().message.c_str());
    benchmark::DoNotOptimize(call->call.body.data());
  }
}

// All events of an answer, read by `from` and written for a client of `to`.
std::size_t relay(const ApiRequest& asked, std::unique_ptr<AnswerDecoder> decoder, std::string_view stream,
                  std::string& out) {
  std::size_t events = 0;
  decoder->feed(stream);
  for (bool ended = false;;) {
    const auto event = decoder->next();
    if (!event) return 0;
    if (*event != nullptr) {
      ++events;
      client_of(asked).add_event(**event, out);
      continue;
    }
    if (std::exchange(ended, true)) return events;
    decoder->end();
  }
}

std::string openai_stream() {
  std::string out;
  const std::string begin =
      R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,)";
  out += begin + R"("delta":{"role":"assistant","content":""},"finish_reason":null}]})"
                 "\n\n";
  for (int i = 0; i < 200; ++i)
    out += begin + R"("delta":{"content":" harbour"},"finish_reason":null}]})"
                   "\n\n";
  out += begin + R"("delta":{},"finish_reason":"stop"}]})"
                 "\n\n";
  out += R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],)"
         R"("usage":{"prompt_tokens":9,"completion_tokens":201,"total_tokens":210}})"
         "\n\ndata: [DONE]\n\n";
  return out;
}

void answer(benchmark::State& state, const Client& from, const Client& to) {
  const Dialect& openai = *find_dialect("openai");
  const auto parsed = [](const Client& client, const std::string& body) {
    return client_api(client.form).parse(Api::chat, head_of(client), inside(body), 64).value();
  };
  const std::string from_body = padded(from.body);
  const std::string to_body = padded(to.body);
  const ApiRequest source = parsed(from, from_body);
  const ApiRequest asked = parsed(to, to_body);
  std::string stream = openai_stream();
  if (from.form != WireForm::openai) {  // what a client of that form is sent is what its provider sends
    const std::string chat = padded(stream);
    stream.clear();
    relay(source, client_api(from.form).translated(openai.block_reader(1 << 20), source), inside(chat), stream);
    stream += client_api(from.form).stream_end();
  }
  const Dialect* dialect = nullptr;
  for (const std::string_view name : dialect_names())
    if (find_dialect(name)->form({}) == from.form) dialect = dialect == nullptr ? find_dialect(name) : dialect;
  if (dialect == nullptr) return state.SkipWithError("no provider speaks this");
  const std::string bytes = padded(stream);
  std::size_t events = 0;
  for (auto _ : state) {
    std::string out;
    events = relay(asked, client_api(to.form).translated(dialect->block_reader(1 << 20), asked), inside(bytes), out);
    if (events == 0) return state.SkipWithError("the stream cannot be read");
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["events"] = static_cast<double>(events);
  state.counters["per_event"] = benchmark::Counter(static_cast<double>(events * state.iterations()),
                                                   benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void register_all(const std::vector<Client>& all) {
  for (const Client& from : all) {
    if (!spoken(from)) continue;
    const std::string client(word(from.form));
    for (const std::string_view name : dialect_names()) {
      const Dialect& to = *find_dialect(name);
      if (to.form({}) == from.form) continue;
      benchmark::RegisterBenchmark(("request/" + client + "->" + std::string(name)).c_str(),
                                   [&from, &to](benchmark::State& state) { request(state, from, to); });
    }
    for (const Client& to : all) {
      if (!spoken(to) || to.form == from.form) continue;
      benchmark::RegisterBenchmark(("answer/" + client + "->" + std::string(word(to.form))).c_str(),
                                   [&from, &to](benchmark::State& state) { answer(state, from, to); });
    }
  }
}

}  // namespace
}  // namespace triage

int main(int argc, char** argv) {
  const auto all = triage::clients();
  triage::register_all(all);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
