#pragma once
// A simulated provider and requests to it.

#include "simulate/provider.hpp"

#include "support/fake_exchange.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace triage::test {

using Json = nlohmann::json;

inline SimulateSpec spec_of(const std::string& yaml) {
  auto spec = parse_simulation(yaml, "test.yaml");
  if (!spec) ADD_FAILURE() << spec.error().message;
  return spec ? *spec : SimulateSpec();
}

inline std::string with_prompt(const std::string& prompt, Json extra = Json::object()) {
  Json body{{"model", "m"}, {"messages", Json::array({Json{{"role", "user"}, {"content", prompt}}})}};
  body.update(extra);
  return body.dump();
}

// What a client makes of a stream.
struct Heard {
  std::vector<Json> events;
  bool done = false;
  std::size_t broken = 0;
  std::map<int, std::string> text;
  std::map<int, std::string> finish;
  Json usage;
};

inline Heard hear(const std::string& stream) {
  Heard heard;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t end = stream.find("\n\n", at);
    if (end == std::string::npos) break;
    const std::string line = stream.substr(at, end - at);
    at = end + 2;
    EXPECT_EQ(line.substr(0, 6), "data: ");
    if (line == "data: [DONE]") {
      heard.done = true;
      continue;
    }
    const Json event = Json::parse(line.substr(6), nullptr, false);
    if (event.is_discarded()) {
      ++heard.broken;
      continue;
    }
    heard.events.push_back(event);
    if (event.contains("usage") && !event["usage"].is_null()) heard.usage = event["usage"];
    if (!event.contains("choices")) continue;
    for (const Json& choice : event["choices"]) {
      const int index = choice["index"];
      if (choice.contains("text")) heard.text[index] += choice["text"].get<std::string>();
      if (choice.contains("delta") && choice["delta"].contains("content") && choice["delta"]["content"].is_string())
        heard.text[index] += choice["delta"]["content"].get<std::string>();
      if (choice["finish_reason"].is_string()) heard.finish[index] = choice["finish_reason"];
    }
  }
  return heard;
}

class ProviderTest : public ::testing::Test {
 protected:
  void use(const std::string& yaml, std::uint64_t seed = 1) {
    provider_ = std::make_unique<SimulatedProvider>(spec_of(yaml), seed);
  }

  std::unique_ptr<FakeExchange> send(const std::string& method, const std::string& path, const std::string& body = {},
                                     std::vector<OwnedField> fields = {}) {
    auto exchange = std::make_unique<FakeExchange>(method, path, body, std::move(fields));
    EXPECT_TRUE(run(*provider_, *exchange)) << "it waits for something";
    EXPECT_TRUE(exchange->misuse().empty()) << exchange->misuse().front();
    return exchange;
  }

  std::unique_ptr<FakeExchange> chat(const std::string& body, const std::string& simulate = {}) {
    std::vector<OwnedField> fields;
    if (!simulate.empty()) fields.emplace_back("X-Simulate", simulate);
    return send("POST", "/v1/chat/completions", body, std::move(fields));
  }

  Json ask(const std::string& body, const std::string& simulate = {}) {
    const auto exchange = chat(body, simulate);
    EXPECT_EQ(exchange->status(), 200) << exchange->body();
    EXPECT_EQ(exchange->field("content-type"), "application/json");
    return Json::parse(exchange->body());
  }

  // Sends it and expects an error in OpenAI's shape.
  Json refused(const std::string& body, int status, const std::string& path = "/v1/chat/completions") {
    const auto exchange = send("POST", path, body);
    EXPECT_EQ(exchange->status(), status) << exchange->body();
    const Json error = Json::parse(exchange->body())["error"];
    for (const char* key : {"message", "type", "param", "code"}) EXPECT_TRUE(error.contains(key)) << key;
    return error;
  }

  Json billing(const std::string& model = "m") {
    return Json::parse(send("GET", "/simulate/billing")->body())["models"][model];
  }

  SimulatedProvider& provider() { return *provider_; }

 private:
  std::unique_ptr<SimulatedProvider> provider_ = std::make_unique<SimulatedProvider>(spec_of("models: {m: {}}"), 1);
};

inline std::string content_of(const Json& reply, int choice = 0) {
  return reply["choices"][choice]["message"]["content"];
}

}  // namespace triage::test
