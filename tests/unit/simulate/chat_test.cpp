// POST /v1/chat/completions, answered whole.

#include "provider_fixture.hpp"

#include "simulate/tokens.hpp"

#include <random>

namespace triage::test {
namespace {

using ChatTest = ProviderTest;

TEST_F(ChatTest, AnswersInOpenAisShape) {
  const Json reply = ask(with_prompt("Hello there"));
  EXPECT_EQ(reply["object"], "chat.completion");
  EXPECT_EQ(reply["model"], "m");
  EXPECT_EQ(reply["id"].get<std::string>().substr(0, 9), "chatcmpl-");
  EXPECT_TRUE(reply["created"].is_number_integer());
  const Json& choice = reply["choices"][0];
  EXPECT_EQ(choice["index"], 0);
  EXPECT_EQ(choice["finish_reason"], "stop");
  EXPECT_EQ(choice["logprobs"], nullptr);
  EXPECT_EQ(choice["message"]["role"], "assistant");
  EXPECT_EQ(choice["message"]["refusal"], nullptr);
  const auto tokens = simulate::count_tokens(content_of(reply));
  EXPECT_EQ(reply["usage"]["completion_tokens"], tokens);
  EXPECT_GE(tokens, 20U);
  EXPECT_LE(tokens, 61U);
  // 3 for the message, 1 for its role, 2 words, 3 for the answer's beginning.
  EXPECT_EQ(reply["usage"]["prompt_tokens"], 9);
  EXPECT_EQ(reply["usage"]["total_tokens"], 9 + tokens);
}

TEST_F(ChatTest, SameRequestSameAnswerOtherSeedOtherAnswer) {
  const std::string body = with_prompt("Tell me a story");
  const std::string first = content_of(ask(body));
  EXPECT_EQ(content_of(ask(body)), first);
  EXPECT_NE(content_of(ask(with_prompt("Tell me another"))), first);
  EXPECT_NE(content_of(ask(with_prompt("Tell me a story", {{"seed", 5}}))), first);
  use("models: {m: {}}", 2);
  EXPECT_NE(content_of(ask(body)), first);
  use("models: {m: {}}", 1);
  EXPECT_EQ(content_of(ask(body)), first);
}

TEST_F(ChatTest, IdsDiffer) {
  const std::string body = with_prompt("Hello");
  EXPECT_NE(ask(body)["id"], ask(body)["id"]);
}

TEST_F(ChatTest, AnyBasePathWillDo) {
  const auto exchange = send("POST", "/openai/proxy/v1/chat/completions", with_prompt("Hello"));
  EXPECT_EQ(exchange->status(), 200);
}

TEST_F(ChatTest, WorksOutArithmeticByQuality) {
  EXPECT_EQ(content_of(ask(with_prompt("What is 12*7?"))).substr(0, 10), "12*7 = 84.");
  use("models: {m: {quality: 0}}");
  const std::string wrong = content_of(ask(with_prompt("What is 12*7?")));
  EXPECT_EQ(wrong.substr(0, 7), "12*7 = ");
  EXPECT_NE(wrong.substr(0, 10), "12*7 = 84.");
}

TEST_F(ChatTest, QualityIsAShareOfPromptsByDifficulty) {
  use("models: {m: {quality: {easy: 1, medium: 0.5, hard: 0}, answer_tokens: 1}}");
  std::map<std::string, int> right;
  for (int i = 0; i < 300; ++i) {
    for (const char* level : {"easy", "medium", "hard"}) {
      const std::string sum = std::to_string(i) + "+" + std::to_string(i);
      const Json reply = ask(with_prompt("difficulty: " + std::string(level) + " " + sum));
      if (content_of(reply) == sum + " = " + std::to_string(2 * i) + ".") ++right[level];
    }
  }
  EXPECT_EQ(right["easy"], 300);
  EXPECT_NEAR(right["medium"], 150, 35);
  EXPECT_EQ(right["hard"], 0);
}

TEST_F(ChatTest, RefusesItsShareOfPrompts) {
  use("models: {m: {refusal: 1}}");
  EXPECT_EQ(content_of(ask(with_prompt("Hello"))), "I'm sorry, but I can't help with that.");
  use("models: {m: {refusal: 0.3}}");
  int refused_count = 0;
  for (int i = 0; i < 400; ++i) {
    if (content_of(ask(with_prompt("Question " + std::to_string(i)))).starts_with("I'm sorry")) ++refused_count;
  }
  EXPECT_NEAR(refused_count, 120, 40);
}

TEST_F(ChatTest, FailsItsShareOfRequests) {
  use("models: {m: {failure: {rate: 0.25, status: 503, retry_after: 7s}}}");
  int failed = 0;
  const std::string body = with_prompt("Hello");
  for (int i = 0; i < 400; ++i) {
    const auto exchange = chat(body);
    if (exchange->status() == 200) continue;
    ++failed;
    EXPECT_EQ(exchange->status(), 503);
    EXPECT_EQ(exchange->field("retry-after"), "7");
    EXPECT_EQ(Json::parse(exchange->body())["error"]["type"], "server_error");
  }
  EXPECT_NEAR(failed, 100, 30);
  EXPECT_EQ(billing()["failures"], failed);
  EXPECT_EQ(billing()["requests"], 400 - failed);
}

TEST_F(ChatTest, CutsAtTheTokenLimit) {
  for (const char* key : {"max_tokens", "max_completion_tokens"}) {
    const Json reply = ask(with_prompt("Tell me a story", {{key, 5}}));
    EXPECT_EQ(reply["choices"][0]["finish_reason"], "length");
    EXPECT_EQ(reply["usage"]["completion_tokens"], 5);
    EXPECT_EQ(simulate::count_tokens(content_of(reply)), 5U);
  }
  EXPECT_EQ(ask(with_prompt("Tell me a story", {{"max_tokens", nullptr}}))["choices"][0]["finish_reason"], "stop");
}

TEST_F(ChatTest, CutsBeforeAStop) {
  const std::string whole = content_of(ask(with_prompt("What is 12*7?")));
  const Json reply = ask(with_prompt("What is 12*7?", {{"stop", {"nothing like it", " = "}}}));
  EXPECT_EQ(content_of(reply), "12*7");
  EXPECT_EQ(reply["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(content_of(ask(with_prompt("What is 12*7?", {{"stop", "84"}}))), "12*7 = ");
  EXPECT_EQ(content_of(ask(with_prompt("What is 12*7?", {{"stop", ""}}))), whole);
}

TEST_F(ChatTest, GivesSeveralChoices) {
  const Json reply = ask(with_prompt("Tell me a story", {{"n", 3}}));
  ASSERT_EQ(reply["choices"].size(), 3U);
  EXPECT_EQ(reply["choices"][2]["index"], 2);
  EXPECT_NE(content_of(reply, 0), content_of(reply, 1));
  std::size_t tokens = 0;
  for (int i = 0; i < 3; ++i) tokens += simulate::count_tokens(content_of(reply, i));
  EXPECT_EQ(reply["usage"]["completion_tokens"], tokens);
}

TEST_F(ChatTest, GivesLogprobs) {
  const Json reply = ask(with_prompt("Hello", {{"logprobs", true}, {"top_logprobs", 3}}));
  const Json& logprobs = reply["choices"][0]["logprobs"]["content"];
  ASSERT_EQ(logprobs.size(), reply["usage"]["completion_tokens"]);
  std::string joined;
  for (const Json& token : logprobs) {
    joined += token["token"].get<std::string>();
    EXPECT_LE(token["logprob"].get<double>(), 0);
    EXPECT_GT(token["logprob"].get<double>(), -20);
    ASSERT_EQ(token["top_logprobs"].size(), 3U);
    EXPECT_EQ(token["top_logprobs"][0]["token"], token["token"]);
    EXPECT_EQ(token["bytes"].size(), token["token"].get<std::string>().size());
  }
  EXPECT_EQ(joined, content_of(reply));
}

TEST_F(ChatTest, WrongAnswersAreLessCertain) {
  const auto mean = [&] {
    const Json reply = ask(with_prompt("What is 12*7?", {{"logprobs", true}}));
    double sum = 0;
    const Json& tokens = reply["choices"][0]["logprobs"]["content"];
    for (const Json& token : tokens) sum += token["logprob"].get<double>();
    return sum / static_cast<double>(tokens.size());
  };
  const double right = mean();
  use("models: {m: {quality: 0}}");
  EXPECT_LT(mean(), 3 * right);
}

TEST_F(ChatTest, CountsAndSeesImages) {
  const Json image{{"type", "image_url"}, {"image_url", {{"url", "data:image/png;base64,AAAA"}}}};
  const Json text{{"type", "text"}, {"text", "What is this?"}};
  const auto body = [&](const Json& content) {
    return Json{{"model", "m"}, {"messages", {{{"role", "user"}, {"content", content}}}}}.dump();
  };
  const Json one = ask(body({text, image}));
  EXPECT_EQ(content_of(one).substr(0, 18), "I can see 1 image.");
  const Json two = ask(body({text, image, image}));
  EXPECT_EQ(content_of(two).substr(0, 19), "I can see 2 images.");
  EXPECT_EQ(two["usage"]["prompt_tokens"], one["usage"]["prompt_tokens"].get<int>() + 85);
}

TEST_F(ChatTest, ReportsCachedTokensOfLongPrompts) {
  use("models: {m: {cached_share: 0.5}}");
  EXPECT_EQ(ask(with_prompt("Hello"))["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
  std::string long_prompt;
  for (int i = 0; i < 2000; ++i) long_prompt += "word ";
  EXPECT_EQ(ask(with_prompt(long_prompt))["usage"]["prompt_tokens_details"]["cached_tokens"], 2008 / 2 / 128 * 128);
}

TEST_F(ChatTest, ReplaysRecordedAnswers) {
  SimulateSpec spec = spec_of("models: {m: {refusal: 1}}");
  auto answers = std::make_shared<ReplayAnswers>();
  answers->emplace("2+2?", "It is \"4\".\n");
  spec.models[0].replay = answers;
  SimulatedProvider provider(spec, 1);
  FakeExchange exchange(
      "POST", "/v1/chat/completions",
      R"({"model":"m","messages":[{"role":"user","content":"before"},{"role":"user","content":" 2+2?\n"}]})");
  ASSERT_TRUE(run(provider, exchange));
  EXPECT_EQ(content_of(Json::parse(exchange.body())), "It is \"4\".\n");
}

TEST_F(ChatTest, RefusesBadRequests) {
  EXPECT_EQ(refused("", 400)["code"], "invalid_json");
  EXPECT_EQ(refused("{", 400)["code"], "invalid_json");
  EXPECT_EQ(refused("[]", 400)["code"], "invalid_json");
  EXPECT_EQ(refused("{\"model\":\"m\"\xFF}", 400)["code"], "invalid_json");
  EXPECT_EQ(refused(R"({"messages":[]})", 400)["param"], "model");
  EXPECT_EQ(refused(R"({"model":"m"})", 400)["param"], "messages");
  EXPECT_EQ(refused(R"({"model":5})", 400)["param"], "model");
  EXPECT_EQ(refused(R"({"model":"m","messages":[]})", 400)["param"], "messages");
  EXPECT_EQ(refused(R"({"model":"m","messages":[5]})", 400)["param"], "messages");
  EXPECT_EQ(refused(R"({"model":"m","messages":[{"role":"king","content":""}]})", 400)["param"], "messages");
  EXPECT_EQ(refused(R"({"model":"m","messages":[{"role":"user","content":5}]})", 400)["param"], "messages");
  EXPECT_EQ(refused(with_prompt("x", {{"n", 0}}), 400)["param"], "n");
  EXPECT_EQ(refused(with_prompt("x", {{"n", "2"}}), 400)["param"], "n");
  EXPECT_EQ(refused(with_prompt("x", {{"max_tokens", -1}}), 400)["param"], "max_tokens");
  EXPECT_EQ(refused(with_prompt("x", {{"temperature", 3}}), 400)["param"], "temperature");
  EXPECT_EQ(refused(with_prompt("x", {{"top_logprobs", 3}}), 400)["param"], "top_logprobs");
  EXPECT_EQ(refused(with_prompt("x", {{"logprobs", true}, {"top_logprobs", 21}}), 400)["param"], "top_logprobs");
  EXPECT_EQ(refused(with_prompt("x", {{"stop", {1}}}), 400)["param"], "stop");
  EXPECT_EQ(refused(with_prompt("x", {{"stream", "yes"}}), 400)["param"], "stream");
  const Json unknown = refused(with_prompt("x", {{"model", "gpt-9\"\n"}}), 404);
  EXPECT_EQ(unknown["code"], "model_not_found");
  EXPECT_NE(unknown["message"].get<std::string>().find("gpt-9\"\n"), std::string::npos);
}

TEST_F(ChatTest, RefusesWhatTheModelCannotDo) {
  use("models: {m: {context_window: 20, logprobs: false}, e: {kind: embedding}}");
  std::string long_prompt;
  for (int i = 0; i < 20; ++i) long_prompt += "word ";
  EXPECT_EQ(refused(with_prompt(long_prompt), 400)["code"], "context_length_exceeded");
  EXPECT_EQ(refused(with_prompt("x", {{"logprobs", true}}), 400)["param"], "logprobs");
  EXPECT_EQ(refused(with_prompt("x", {{"model", "e"}}), 400)["param"], "model");
  const Json cut = ask(with_prompt("one two three"));  // 10 of 20 tokens are left
  EXPECT_EQ(cut["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(cut["usage"]["total_tokens"], 20);
}

TEST_F(ChatTest, WantsItsKey) {
  use("models: {m: {}}\napi_key: sim-key");
  const Json error = refused(with_prompt("x"), 401);
  EXPECT_EQ(error["code"], "invalid_api_key");
  for (const auto& [value, status] : std::vector<std::pair<std::string, int>>{
           {"Bearer sim-key", 200}, {"bearer sim-key", 200}, {"Bearer sim-key2", 401}, {"Basic sim-key", 401}}) {
    const auto exchange = send("POST", "/v1/chat/completions", with_prompt("x"), {{"Authorization", value}});
    EXPECT_EQ(exchange->status(), status) << value;
  }
}

TEST_F(ChatTest, AnswersABodyThatCannotBeRead) {
  FakeExchange large("POST", "/v1/chat/completions", "x");
  Error error;
  error.code = ErrorCode::body_too_large;
  error.message = "too large";
  large.fail_body(error);
  EXPECT_TRUE(run(provider(), large));
  EXPECT_EQ(large.status(), 413);
  FakeExchange left("POST", "/v1/chat/completions", "x");
  error.code = ErrorCode::client_gone;
  left.fail_body(error);
  EXPECT_TRUE(run(provider(), left));
  EXPECT_FALSE(left.begun());
  EXPECT_TRUE(left.aborted());
}

TEST_F(ChatTest, AnswersWhateverItIsSent) {
  const std::string valid = R"({"model":"m","n":2,"stop":["a"],"max_tokens":9,"logprobs":true,"top_logprobs":2,"seed":1,
    "messages":[{"role":"user","content":[{"type":"text","text":"f 1+1 \u00e9"},{"type":"image_url","image_url":{}}]}],
    "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","required":["a"],
    "properties":{"a":{"$ref":"#/x"}}}}}],"tool_choice":"auto","stream_options":{"include_usage":true},
    "response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"allOf":[{"enum":[1]}]}}}})";
  std::mt19937 random(7);
  const std::string spice = R"({}[],:"0-1nulltruefalse)";
  int accepted = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string body = valid;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % body.size();
      const std::size_t length = random() % 12;
      if (random() % 2 == 0) {
        body.erase(at, length);
      } else {
        body.replace(at, length, 1, spice[random() % spice.size()]);
      }
      if (body.empty()) body = "{";
    }
    const auto exchange = chat(body);
    ASSERT_TRUE(exchange->finished()) << body;
    ASSERT_TRUE(Json::accept(exchange->body())) << body << exchange->body();
    if (exchange->status() == 200) {
      ++accepted;
    } else {
      ASSERT_TRUE(exchange->status() == 400 || exchange->status() == 404) << body;
    }
  }
  EXPECT_GT(accepted, 30);
}

TEST_F(ChatTest, CountsWhatItBilled) {
  const Json first = ask(with_prompt("Hello"));
  const Json second = ask(with_prompt("Hello again", {{"n", 2}}));
  refused(with_prompt("x", {{"n", 0}}), 400);
  const Json bill = billing();
  EXPECT_EQ(bill["requests"], 2);
  EXPECT_EQ(bill["prompt_tokens"],
            first["usage"]["prompt_tokens"].get<int>() + second["usage"]["prompt_tokens"].get<int>());
  EXPECT_EQ(bill["completion_tokens"],
            first["usage"]["completion_tokens"].get<int>() + second["usage"]["completion_tokens"].get<int>());
  EXPECT_EQ(bill["failures"], 0);
}

}  // namespace
}  // namespace triage::test
