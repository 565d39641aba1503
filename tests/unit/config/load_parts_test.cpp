#include "config/load.hpp"
#include "routing/similarity.hpp"
#include "similarity/vector_file.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>
#include <fstream>

namespace triage {
namespace {

namespace fs = std::filesystem;

constexpr const char* config = R"(
providers: {p: {base_url: "https://x.example"}}
deployments: {m: {provider: p}, e: {provider: p, model: embedding-3}}
routes:
  chat:
    tiers: {small: [m], large: [m]}
    routers:
      - similarity: {examples: parts/hard.jsonl, at_least: 0.7, tier: large, encoder: {deployment: e}}
      - fixed: {tier: small}
)";

class LoadParts : public testing::Test {
 protected:
  LoadParts() {
    fs::create_directories(folder_ / "parts");
    write("triage.yaml", config);
  }
  ~LoadParts() override { fs::remove_all(folder_); }
  void write(const char* name, std::string_view text) const { std::ofstream(folder_ / name, std::ios::binary) << text; }
  [[nodiscard]] Loaded load(options::DerivedFiles derived = options::DerivedFiles::required) const {
    return load_file((folder_ / "triage.yaml").string(), derived);
  }
  static const SimilarityRouterSpec& router(const Loaded& loaded) {
    return std::any_cast<const SimilarityRouterSpec&>(loaded.spec.routes.at(0).routers.at(0).options);
  }
  [[nodiscard]] bool watches(const Loaded& loaded, const char* name) const {
    const std::string path = (folder_ / name).string();
    return std::ranges::any_of(loaded.sources, [&](const Source& each) { return each.path == path; });
  }
  const fs::path folder_ = fs::temp_directory_path() / ("triage-load-parts-" + std::to_string(::getpid()));
};

TEST_F(LoadParts, AreRelativeToTheFileAndPartOfTheVersion) {
  write("parts/hard.jsonl", R"({"prompt": "Prove it", "vector": [3, 4]})");
  const Loaded first = load();
  ASSERT_TRUE(first.ok()) << to_string(first.diagnostics.at(0));
  ASSERT_NE(router(first).loaded, nullptr);
  EXPECT_EQ(router(first).loaded->file, (folder_ / "parts/hard.jsonl").string());
  EXPECT_EQ(router(first).loaded->nearest.size(), 1U);
  EXPECT_TRUE(watches(first, "parts/hard.jsonl"));
  EXPECT_EQ(load().version, first.version);
  write("parts/hard.jsonl", R"({"prompt": "Prove it", "vector": [4, 3]})");
  const Loaded second = load();
  EXPECT_NE(second.version, first.version) << "so that reload takes it up";
  EXPECT_EQ(router(second).loaded->nearest.row_at(0)[0], 0.8F);
}

TEST_F(LoadParts, VectorsComeFromTheFileBeside) {
  write("parts/hard.jsonl", "{\"prompt\": \"one\"}\n{\"prompt\": \"two\"}\n");
  const Loaded without = load();
  EXPECT_FALSE(without.ok());
  EXPECT_TRUE(watches(without, "parts/hard.jsonl.vectors")) << "it may come";
  similarity::VectorFile vectors("embedding-3");
  vectors.put(similarity::key_of("two"), {0, 1});
  write("parts/hard.jsonl.vectors", vectors.bytes());
  EXPECT_FALSE(load().ok()) << "of one text there is none";
  vectors.put(similarity::key_of("one"), {1, 0});
  write("parts/hard.jsonl.vectors", vectors.bytes());
  const Loaded loaded = load();
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.diagnostics.at(0));
  EXPECT_EQ(router(loaded).loaded->nearest.row_at(1)[1], 1.0F);
  EXPECT_NE(loaded.version, without.version);
  similarity::VectorFile others("embedding-4");
  others.put(similarity::key_of("one"), {1, 0});
  others.put(similarity::key_of("two"), {1, 0});
  write("parts/hard.jsonl.vectors", others.bytes());
  EXPECT_FALSE(load().ok()) << "vectors of another encoder mean nothing";
}

TEST_F(LoadParts, TheCommandThatMakesVectorsReadsExamplesWithoutThem) {
  write("parts/hard.jsonl", "{\"prompt\": \"one\"}\n{\"prompt\": \"two\", \"vector\": [0, 1]}\n");
  const Loaded loaded = load(options::DerivedFiles::to_be_made);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.diagnostics.at(0));
  const auto& examples = router(loaded).loaded->examples;
  ASSERT_EQ(examples.size(), 2U);
  EXPECT_TRUE(examples[0].vector.empty());
  EXPECT_EQ(examples[1].vector.size(), 2U) << "it brings its own";
}

TEST_F(LoadParts, ExamplesInForceAreUsedAgainIfNothingHasChanged) {
  const std::string lines = "{\"prompt\": \"one\"}\n{\"prompt\": \"two\", \"vector\": [0, 1]}\n";
  write("parts/hard.jsonl", lines);
  similarity::VectorFile vectors("embedding-3");
  vectors.put(similarity::key_of("one"), {1, 0});
  write("parts/hard.jsonl.vectors", vectors.bytes());
  const Loaded first = load();
  ASSERT_TRUE(first.ok()) << to_string(first.diagnostics.at(0));
  EXPECT_EQ(router(load()).loaded, router(first).loaded);
  write("triage.yaml", std::string(config) + "# another version\n");
  EXPECT_EQ(router(load()).loaded, router(first).loaded);
  vectors.put(similarity::key_of("one"), {0.6F, 0.8F});
  write("parts/hard.jsonl.vectors", vectors.bytes());
  const Loaded other = load();
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(router(other).loaded->nearest.row_at(0)[1], 0.8F);
  write("parts/hard.jsonl", lines + "{\"prompt\": \"two\", \"tier\": \"huge\", \"vector\": [0, 1]}\n");
  EXPECT_FALSE(load().ok()) << "no such tier";
  write("parts/hard.jsonl", lines);
  std::string routes = config;
  routes.replace(routes.find(", tier: large"), 13, "");
  write("triage.yaml", routes);
  EXPECT_FALSE(load().ok()) << "what is used again is checked again: the examples name no tier, and the router neither";
}

}  // namespace
}  // namespace triage
