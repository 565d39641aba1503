// The descriptions and what is made of them: docs/configuration.md, the JSON schema.
#include "config/describe.hpp"
#include "config/quirk_table.hpp"
#include "config/schema.hpp"
#include "options/type_of.hpp"
#include "providers/providers.hpp"
#include "triage/chat_view.hpp"

#include <gtest/gtest.h>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace triage::config {

using namespace options;

namespace {

constexpr const char* page = TRIAGE_SOURCE_DIR "/docs/configuration.md";
const std::string begin_mark = "<!-- keys: written by the test describe_test -->\n\n";
const std::string end_mark = "<!-- end of keys -->\n";

std::string read(const char* path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// TRIAGE_REGENERATE=1 writes the tables instead.
TEST(ConfigurationPage, HasTheTablesOfTheDescriptions) {
  std::string text = read(page);
  const std::size_t begin = text.find(begin_mark);
  const std::size_t end = text.find(end_mark);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::size_t tables = begin + begin_mark.size();
  if (std::getenv("TRIAGE_REGENERATE")) {
    text.replace(tables, end - tables, config_reference());
    std::ofstream(page, std::ios::binary) << text;
  } else {
    EXPECT_EQ(text.substr(tables, end - tables), config_reference());
  }
}

struct EveryKey final : Describer {
  std::set<std::string> names;
  std::set<std::string> texts_that_end_badly;

  void visit(const Key& key, Ref value) override {
    names.emplace(key.name);
    if (key.text.empty() || key.text.ends_with('.')) texts_that_end_badly.emplace(key.name);
    inside(value);
  }
  void keyword(const Key& key, bool&, std::string_view) override { names.emplace(key.name); }

 private:
  std::set<std::string_view> open_;  // sections that can hold themselves

  void inside(Ref value) {
    const Type& type = *value.type;
    if (!type.recursive_name().empty() && !open_.insert(type.recursive_name()).second) return;
    if (type.container != nullptr) inside({&type.inside(), type.container->add(value.at, "x")});
    if (type.section != nullptr) type.section->describe(*this, value.at);
    if (type.choice == nullptr) return;
    for (const Kind* kind : type.choice->kinds()) {
      const auto unwritten = kind->type().unwritten();
      visit({.name = kind->name, .text = kind->text}, {&kind->type(), unwritten.get()});
    }
  }
};

TEST(Descriptions, AreCompleteAndNamedOnThePage) {
  EveryKey keys;
  ConfigSpec spec;
  describe(keys, spec);
  EXPECT_TRUE(keys.texts_that_end_badly.empty()) << *keys.texts_that_end_badly.begin();
  EXPECT_GE(keys.names.size(), 60u);
  const std::string text = read(page);
  for (const std::string& name : keys.names)
    EXPECT_TRUE(text.find("." + name + "`") != std::string::npos || text.find("| `" + name + "`") != std::string::npos)
        << name;
}

TEST(Schema, IsStrictJsonWithEveryKey) {
  const auto schema = nlohmann::json::parse(config_schema());
  EXPECT_EQ(schema.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema.at("additionalProperties"), false);
  const auto& listen = schema.at("properties").at("listen");
  EXPECT_EQ(listen.at("additionalProperties"), false);
  EXPECT_EQ(listen.at("properties").at("address").at("default"), "127.0.0.1:8080");
  EXPECT_EQ(listen.at("properties").at("tls").at("required"), (nlohmann::json{"cert", "key"}));
  const auto& route = schema.at("properties").at("routes").at("additionalProperties");
  const auto& member = route.at("properties").at("tiers").at("additionalProperties").at("items");
  EXPECT_EQ(member.at("anyOf").at(0).at("anyOf").at(0).at("type"), "string");
  EXPECT_TRUE(schema.at("properties").contains("include"));
}

// The words that the schema allows at a path of keys; "*" is any name of a map, "[]" an item of a list. A section that
// a bare word stands for allows what its key does.
nlohmann::json allowed_at(const nlohmann::json& schema, const std::vector<std::string>& path) {
  nlohmann::json at = schema;
  const auto object_in = [&schema](nlohmann::json node) {
    for (bool again = true; again;) {
      again = false;
      if (node.contains("$ref")) {
        node = schema.at(nlohmann::json::json_pointer(node["$ref"].get<std::string>().substr(1)));
        again = true;
      }
      for (const auto& each : node.value("anyOf", nlohmann::json::array()))
        if (each.contains("properties")) {
          node = each;
          again = true;
        }
    }
    return node;
  };
  for (const std::string& key : path) {
    if (key == "[]")
      at = at.at("items");
    else if (key == "*")
      at = at.at("additionalProperties");
    else
      at = object_in(at).at("properties").at(key);
  }
  for (const auto& each : at.at("anyOf"))
    if (each.contains("enum")) return each.at("enum");
  // The bare form.
  for (const auto& each : at.at("anyOf").at(0).at("anyOf"))
    if (each.contains("enum")) return each.at("enum");
  return {};
}

TEST(Schema, HasTheWordsOfEveryClosedList) {
  const auto schema = nlohmann::json::parse(config_schema());
  struct Case {
    std::vector<std::string> path;
    nlohmann::json words;
  };
  const std::vector<std::string> route{"routes", "*"};
  const auto in_route = [&route](std::vector<std::string> rest) {
    rest.insert(rest.begin(), route.begin(), route.end());
    return rest;
  };
  const auto router = [&](std::vector<std::string> rest) {
    rest.insert(rest.begin(), {"routers", "[]"});
    return in_route(std::move(rest));
  };
  const auto verifier = [&](std::vector<std::string> rest) {
    rest.insert(rest.begin(), {"cascade", "verify"});
    return in_route(std::move(rest));
  };
  const std::vector<std::string> when{"heuristic", "rules", "[]", "when"};
  const auto condition = [&](const char* key) {
    auto path = when;
    path.emplace_back(key);
    return router(path);
  };
  const Case cases[] = {
      {{"keys", "[]", "may", "[]"}, {"tier", "timeout", "cascade", "session"}},
      {{"providers", "*", "dialect"}, dialects_and_servers()},
      {{"deployments", "*", "capabilities", "[]"}, {"tools", "images", "audio", "json_schema", "logprobs", "prefill"}},
      {{"ledger", "sync"}, {"os", "interval", "each"}},
      {{"log", "format"}, {"text", "json"}},
      {{"listen", "unauthenticated"}, {"allow"}},
      {{"listen", "tls", "min_version"}, {"1.2", 1.2, "1.3", 1.3}},
      {in_route({"rescue"}), {"off", "splice", "prefill"}},
      {in_route({"record", "content"}), {"off", "hashed", "redacted", "full"}},
      {in_route({"record"}), {"off", "hashed", "redacted", "full"}},
      {in_route({"cascade", "hold", "mode"}), {"full", "none", "window"}},
      {in_route({"cascade", "hold"}), {"full", "none", "window"}},
      {verifier({"checks", "skip", "[]"}),
       {"empty", "refusal", "hedging", "truncated", "repetition", "language", "json", "tools"}},
      {verifier({"logprob", "use"}), {"mean", "min"}},
      {verifier({"llm", "on_error"}), {"escalate", "accept"}},
      {verifier({"agreement", "compare"}), {"auto", "number", "choice", "json", "text"}},
      {router({"llm", "sees"}), {"turn", "conversation"}},
      {router({"heuristic", "rules", "[]", "class"}), {"simple", "complex", "codegen", "math", "chat", "extraction"}},
      {condition("response_format"), {"none", "json_object", "json_schema"}},
      {condition("script"), words<Script>},
  };
  for (const Case& each : cases) EXPECT_EQ(allowed_at(schema, each.path), each.words) << nlohmann::json(each.path);
}

}  // namespace
}  // namespace triage::config
