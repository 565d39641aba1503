#include "config/load.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace triage {
namespace {

namespace fs = std::filesystem;

constexpr const char* config = R"(
keys_file: keys.txt
keys:
  - {name: listed, sha256: "00000000000000000000000000000000000000000000000000000000000000aa"}
providers: {p: {base_url: "https://x.example"}}
deployments: {m: {provider: p}}
routes:
  chat: {match: {keys: [b]}, tiers: {small: [m]}, routers: [fixed: {tier: small}]}
)";

std::string hash(char last) {
  return std::string(63, '1') + last;
}

class KeysFile : public testing::Test {
 protected:
  KeysFile() { fs::create_directories(folder_); }
  ~KeysFile() override { fs::remove_all(folder_); }
  [[nodiscard]] Loaded load(std::string_view keys) const {
    std::ofstream(folder_ / "triage.yaml", std::ios::binary) << config;
    std::ofstream(folder_ / "keys.txt", std::ios::binary) << keys;
    return load_file((folder_ / "triage.yaml").string());
  }
  [[nodiscard]] std::string said(std::string_view keys) const {
    std::string out;
    for (const Diagnostic& each : load(keys).diagnostics)
      if (each.severity == Diagnostic::error)
        out += fs::path(each.file).filename().string() + ":" + std::to_string(each.line) + ":" +
               std::to_string(each.column) + ": " + each.message + "\n";
    return out;
  }

 private:
  fs::path folder_ = fs::path(testing::TempDir()) / "keys_file_test";
};

TEST_F(KeysFile, LinesAsKeyNewPrintsThemAndAsJson) {
  const std::string lines = "# ours\r\n  - {name: b, sha256: \"" + hash('b') +
                            "\", routes: [chat], may: [tier]}  # b\n\n" + R"({"name": "c", "sha256": ")" + hash('C') +
                            "\"}";
  const Loaded loaded = load(lines);
  EXPECT_EQ(said(lines), "");
  ASSERT_EQ(loaded.spec.keys.size(), 3U);
  EXPECT_EQ(loaded.spec.keys[0].name, "listed");
  EXPECT_EQ(loaded.spec.keys[1].name, "b");
  EXPECT_EQ(loaded.spec.keys[1].routes, std::vector<std::string>{"chat"});
  EXPECT_EQ(loaded.spec.keys[1].may, std::vector<KeyPower>{KeyPower::tier});
  EXPECT_EQ(loaded.spec.keys[2].name, "c");
  EXPECT_EQ(loaded.spec.keys[2].sha256.back(), 0x1c);
  EXPECT_FALSE(loaded.spec.keys[2].may);
}

TEST_F(KeysFile, IsPartOfTheVersion) {
  const std::string line = "- {name: b, sha256: \"" + hash('b') + "\"}\n";
  EXPECT_NE(load(line).version, load(line + "# more\n").version);
}

TEST_F(KeysFile, NamesWhatIsWrongAndWhere) {
  const std::string good = "- {name: b, sha256: \"" + hash('b') + "\"}\n";
  const auto after = [&](const std::string& line) { return said(good + line); };
  EXPECT_EQ(after("name: c"), "keys.txt:2:1: a key begins with '{'\n");
  EXPECT_EQ(after("- {name: c}"), "keys.txt:2:12: the key has no sha256\n");
  EXPECT_EQ(after("- {sha256: \"" + hash('c') + "\"}"), "keys.txt:2:79: the key has no name\n");
  EXPECT_EQ(after("- {name: c, nome: d}"), "keys.txt:2:18: unknown key 'nome'\n");
  EXPECT_NE(after("- {name: c, sha256: abc}").find("sha256"), std::string::npos);
  EXPECT_NE(after("- {name: b, sha256: \"" + hash('c') + "\"}").find("2:1: key 'b' is defined twice"),
            std::string::npos);
  EXPECT_NE(after("- {name: listed, sha256: \"" + hash('c') + "\"}").find("defined twice"), std::string::npos);
  EXPECT_NE(after("- {name: c, sha256: \"" + hash('b') + "\"}").find("has the sha256 of another key"),
            std::string::npos);
  EXPECT_NE(after("- {name: c, sha256: \"" + hash('c') + "\", routes: [chet]}").find("unknown route 'chet'"),
            std::string::npos);
  EXPECT_NE(after("- {name: c, sha256: \"" + hash('c') + "\", may: [fly]}").find("'fly' is not known"),
            std::string::npos);
  EXPECT_NE(after("- {name: \"c, sha256: x}").find("the quote is not closed"), std::string::npos);
  EXPECT_NE(after("- {name: c, sha256: \"" + hash('c') + "\"} more").find("there is more behind"), std::string::npos);
}

TEST_F(KeysFile, APartOfALineIsRefused) {
  const std::string good = "- {name: b, sha256: \"" + hash('b') + "\", routes: [chat], may: [tier]}";
  for (std::size_t size = 1; size < good.size(); ++size)
    EXPECT_NE(said(good.substr(0, size)).find("keys.txt:1:"), std::string::npos) << size;
}

}  // namespace
}  // namespace triage
