// The descriptions and what is made of them: docs/configuration.md, the JSON schema.
#include "config/describe.hpp"
#include "config/schema.hpp"

#include <gtest/gtest.h>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace triage::config {
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

struct EveryKey : AnyVisitor {
  std::set<std::string> names;
  std::set<std::string> texts_that_end_badly;

  template <class T>
  void field(const Key& key, T& value) {
    names.emplace(key.name);
    if (key.text.empty() || key.text.ends_with('.')) texts_that_end_badly.emplace(key.name);
    inside(value);
  }
  void keyword(const Key& key, bool&, std::string_view) { names.emplace(key.name); }
  template <class T>
  void kind(const Key& key, T& options, bool) {
    field(key, options);
  }

 private:
  std::set<std::string_view> open_;  // sections that can hold themselves

  template <class T>
  void inside(T& value) {
    if constexpr (OptionalType<T>) {
      inside(value.emplace());
    } else if constexpr (ScalarType<T>) {
    } else if constexpr (!recursive_name<T>.empty()) {
      if (open_.insert(recursive_name<T>).second) describe(*this, value);
    } else if constexpr (ListType<T>) {
      inside(value.emplace_back());
    } else if constexpr (PairOf<T>::value) {
      inside(value.second);
    } else {
      describe(*this, value);
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
  EXPECT_EQ(member.at("anyOf").at(0).at("type"), (nlohmann::json{"string", "number"}));
  EXPECT_TRUE(schema.at("properties").contains("include"));
}

}  // namespace
}  // namespace triage::config
