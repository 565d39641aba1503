#include "config/load.hpp"
#include "config/schema.hpp"
#include "config/sources.hpp"
#include "onnx/model_file.hpp"

#include <gtest/gtest.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace triage {
namespace {

namespace fs = std::filesystem;

const std::string minimal =
    "providers: {p: {base_url: \"https://a.example/v1\"}}\n"
    "deployments: {m: {provider: p}}\n";

std::string messages(const Loaded& loaded) {
  std::string out;
  for (const Diagnostic& diagnostic : loaded.diagnostics) out += to_string(diagnostic) + "\n";
  return out;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// A folder that is gone at the end of the test.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("triage-config-" + std::to_string(std::random_device()()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string write(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << text;
    return (path / name).string();
  }
};

TEST(Load, FillsInDefaults) {
  const Loaded loaded = load_text(minimal, "f.yaml");
  EXPECT_EQ(messages(loaded), "");
  EXPECT_EQ(loaded.spec.tiers, (std::vector<std::string>{"small", "medium", "large"}));
  EXPECT_EQ(loaded.spec.deployments.at(0).model, "m");
  EXPECT_EQ(loaded.spec.providers.at(0).dialect, "openai");
  EXPECT_EQ(loaded.spec.limits.head.bytes, 16u * 1024);
  EXPECT_EQ(loaded.files, std::vector<std::string>{"f.yaml"});
}

TEST(Load, AFileThatIsNotThereIsADiagnostic) {
  const Loaded loaded = load_file("/nonexistent/triage.yaml");
  EXPECT_FALSE(loaded.ok());
  EXPECT_EQ(messages(loaded),
            "/nonexistent/triage.yaml:1:1: error: cannot read this file: No such file or directory\n"
            "  check the path and its permissions\n");
}

TEST(Load, KeepsTheOrderOfRoutesAndTiers) {
  const Loaded loaded =
      load_text(minimal + "routes:\n  z: {tiers: {large: [m], small: [m]}}\n  a: {tiers: {small: [m]}}\n", "f");
  ASSERT_TRUE(loaded.ok()) << messages(loaded);
  ASSERT_EQ(loaded.spec.routes.size(), 2u);
  EXPECT_EQ(loaded.spec.routes[0].name, "z");
  EXPECT_EQ(loaded.spec.routes[0].tiers[0].first, "large");
  EXPECT_EQ(loaded.spec.routes[1].name, "a");
}

TEST(Load, ReplacesVariablesOnceAndKeepsDollars) {
  ::setenv("TRIAGE_TEST_A", "x${TRIAGE_TEST_B}", 1);
  ::setenv("TRIAGE_TEST_B", "never", 1);
  const Loaded loaded = load_text(
      "providers: {p: {base_url: \"https://a.example\", api_key: \"a-${TRIAGE_TEST_A}-$${B}-$5-$\"}}\n"
      "deployments: {m: {provider: p}}\n",
      "f");
  ASSERT_TRUE(loaded.ok()) << messages(loaded);
  EXPECT_EQ(loaded.spec.providers[0].api_key.reveal(), "a-x${TRIAGE_TEST_B}-${B}-$5-$");
}

TEST(Load, AVariableCannotChangeTheShapeOfTheFile) {
  ::setenv("TRIAGE_TEST_A", "m, weight: 9}", 1);
  const Loaded loaded =
      load_text(minimal + "routes: {r: {tiers: {small: [{deployment: \"${TRIAGE_TEST_A}\"}]}}}\n", "f");
  EXPECT_NE(messages(loaded).find("unknown deployment '${TRIAGE_TEST_A}'"), std::string::npos) << messages(loaded);
}

TEST(Load, ReadsSecretsFromFilesWithoutTheirLastLineBreak) {
  const Folder folder;
  const std::string secret = folder.write("key", "sk-1234\r\n");
  const std::string text = "providers: {p: {base_url: \"https://a.example\", api_key: \"${file:" + secret +
                           "}\"}}\ndeployments: {m: {provider: p}}\n";
  const Loaded loaded = load_text(text, "f");
  ASSERT_TRUE(loaded.ok()) << messages(loaded);
  EXPECT_EQ(loaded.spec.providers[0].api_key.reveal(), "sk-1234");
  EXPECT_EQ(config_dump(loaded.spec).find("sk-1234"), std::string::npos);

  folder.write("key", std::string(config::Sources::secret_bytes_max + 1, 'x'));
  EXPECT_NE(messages(load_text(text, "f")).find("larger than 64 KiB"), std::string::npos);
}

TEST(Load, VersionFollowsEveryByteThatWasRead) {
  const Folder folder;
  const std::string main = folder.write("main.yaml", "include: parts/*.yaml\n" + minimal);
  folder.write("parts/a.yaml", "dns_ttl: 1s\n");
  const std::string first = load_file(main).version;
  EXPECT_EQ(first.size(), 12u);
  EXPECT_EQ(first.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(load_file(main).version, first);
  folder.write("parts/a.yaml", "dns_ttl: 2s\n");
  EXPECT_NE(load_file(main).version, first);

  ::setenv("TRIAGE_TEST_A", "1s", 1);
  const std::string text = minimal + "dns_ttl: \"${TRIAGE_TEST_A}\"\n";
  const std::string before = load_text(text, "f").version;
  ::setenv("TRIAGE_TEST_A", "2s", 1);
  EXPECT_NE(load_text(text, "f").version, before);
}

TEST(Load, NamesWhatMayChangeItAndSeesAChange) {
  const Folder folder;
  const std::string missing = (folder.path / "missing").string();
  const std::string secret = folder.write("key", "sk-1");
  const std::string part = folder.write("parts/a.yaml", "dns_ttl: \"${file:" + missing + "}\"\n");
  const std::string main =
      folder.write("main.yaml",
                   "include: [parts/*.yaml, gone.yaml]\nproviders: {p: {base_url: \"https://a.example/v1\", "
                   "api_key: \"${file:" +
                       secret + "}${file:" + secret + "}\"}}\n");
  const Loaded loaded = load_file(main);
  EXPECT_FALSE(loaded.ok());
  std::vector<std::string> paths;
  for (const Source& source : loaded.sources) {
    paths.push_back(source.path);
    EXPECT_EQ(look_of(source), source.look) << source.path;
  }
  const std::string pattern = (folder.path / "parts/*.yaml").string();
  const std::string gone = (folder.path / "gone.yaml").string();
  EXPECT_EQ(paths, (std::vector<std::string>{main, pattern, part, gone, missing, secret}));

  const auto changed = [&] {
    std::vector<std::string> out;
    for (const Source& source : loaded.sources)
      if (look_of(source) != source.look) out.push_back(source.path);
    return out;
  };
  folder.write("key", "sk-12");
  folder.write("missing", "1s");
  folder.write("gone.yaml", "");
  folder.write("parts/b.yaml", "");
  EXPECT_EQ(changed(), (std::vector<std::string>{pattern, gone, missing, secret}));
}

TEST(Load, IncludesAreRelativeToTheirFileAndInOrder) {
  const Folder folder;
  const std::string main =
      folder.write("main.yaml", "include: [a/*.yaml]\n" + minimal + "routes: {first: {tiers: {small: [m]}}}\n");
  folder.write("a/2.yaml", "routes: {third: {tiers: {small: [m]}}}\n");
  folder.write("a/1.yaml", "include: b/c.yaml\nroutes: {second: {tiers: {small: [m]}}}\n");
  folder.write("a/b/c.yaml", "dns_ttl: 5s\n");
  const Loaded loaded = load_file(main);
  ASSERT_TRUE(loaded.ok()) << messages(loaded);
  ASSERT_EQ(loaded.spec.routes.size(), 3u);
  EXPECT_EQ(loaded.spec.routes[0].name, "first");
  EXPECT_EQ(loaded.spec.routes[1].name, "second");
  EXPECT_EQ(loaded.spec.routes[2].name, "third");
  EXPECT_EQ(loaded.spec.dns_ttl, milliseconds(5'000));
  EXPECT_EQ(loaded.files.size(), 4u);
}

TEST(Load, ADumpIsAConfigOfTheSameMeaning) {
  ::setenv("TRIAGE_TEST_SECRET", "s3cr3t", 1);
  const Loaded loaded = load_file(TRIAGE_SOURCE_DIR "/tests/golden/config/valid/everything.yaml");
  ASSERT_TRUE(loaded.ok()) << messages(loaded);
  const std::string dump = config_dump(loaded.spec);
  const Loaded again = load_text(dump, "dump.json");
  EXPECT_EQ(messages(again), "");
  EXPECT_EQ(config_dump(again.spec), dump);
}

// Every example is good, and shows nothing that is warned of.
TEST(Load, TheExamplesWork) {
  ::setenv("OPENAI_API_KEY", "sk-example", 1);
  ::setenv("OPENROUTER_API_KEY", "sk-or-example", 1);
  ::setenv("ANTHROPIC_API_KEY", "sk-ant-example", 1);
  ::setenv("GEMINI_API_KEY", "g-example", 1);
  ::setenv("BEDROCK_API_KEY", "b-example", 1);
  int count = 0;
  for (const auto& entry : fs::directory_iterator(TRIAGE_SOURCE_DIR "/config")) {
    if (!entry.path().string().ends_with(".example.yaml")) continue;
    if (entry.path().filename() == "simulate.example.yaml") continue;  // of the simulated providers
    const PartFile model{"builtin:difficulty", "", ""};
    if (entry.path().filename() == "learned.example.yaml" && !onnx::session_of(model))
      continue;  // no ONNX Runtime here
    EXPECT_EQ(messages(load_file(entry.path().string())), "");
    ++count;
  }
  EXPECT_GE(count, 6);
}

// Garbage near the language: pieces of good and broken configs, cut, joined and with bytes changed.
TEST(Load, NothingCrashesIt) {
  std::vector<std::string> seeds;
  for (const auto& entry : fs::directory_iterator(TRIAGE_SOURCE_DIR "/tests/golden/config"))
    if (entry.path().extension() == ".yaml") seeds.push_back(read(entry.path()));
  seeds.push_back(read(TRIAGE_SOURCE_DIR "/config/triage.example.yaml"));
  std::mt19937 random(20240607);
  const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  const std::string marks = "{}[]:,-&*!|>'\"%@`#?<~$\n\t \\0";
  for (int round = 0; round < 3000; ++round) {
    std::string text = seeds[below(seeds.size())];
    const std::string& other = seeds[below(seeds.size())];
    text.insert(below(text.size() + 1), other.substr(below(other.size()), below(200)));
    for (std::size_t edits = below(8); edits > 0 && !text.empty(); --edits) {
      const std::size_t at = below(text.size());
      if (below(3) == 0)
        text.erase(at, below(20));
      else
        text[at] = below(4) == 0 ? static_cast<char>(random()) : marks[below(marks.size())];
    }
    const Loaded loaded = load_text(text, "garbage.yaml");
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
      ASSERT_GE(diagnostic.line, 1) << text;
      ASSERT_GE(diagnostic.column, 1) << text;
      ASSERT_FALSE(diagnostic.message.empty());
    }
    if (loaded.ok()) {
      ASSERT_FALSE(loaded.spec.deployments.empty()) << text;
    }
  }
}

}  // namespace
}  // namespace triage
