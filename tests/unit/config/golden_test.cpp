// tests/golden/config/NAME.yaml -> NAME.txt: the exact messages. valid/NAME.yaml -> valid/NAME.json: what it means.
// TRIAGE_REGENERATE=1 writes the expectations instead of checking them: read the difference before committing it.
#include "config/load.hpp"
#include "config/schema.hpp"
#include "onnx/model_file.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace triage {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(TRIAGE_SOURCE_DIR) / "tests/golden/config";

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> cases(const fs::path& where) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(where))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

void set_environment() {
  ::setenv("TRIAGE_TEST_SECRET", "s3cr3t", 1);
  ::setenv("TRIAGE_TEST_LINES", "s3cr3t\nline", 1);
  ::setenv("TRIAGE_TEST_EMPTY", "", 1);
  ::unsetenv("TRIAGE_TEST_UNSET");
}

std::string messages(const Loaded& loaded) {
  std::string out;
  for (const Diagnostic& diagnostic : loaded.diagnostics) out += to_string(diagnostic) + "\n";
  const std::string prefix = folder.string() + "/";
  for (std::size_t at = out.find(prefix); at != std::string::npos; at = out.find(prefix)) out.erase(at, prefix.size());
  return out;
}

void compare(const fs::path& expected, const std::string& actual) {
  if (std::getenv("TRIAGE_REGENERATE")) std::ofstream(expected, std::ios::binary) << actual;
  EXPECT_EQ(read(expected), actual) << expected;
}

class BrokenConfig : public testing::TestWithParam<std::string> {};

// Cases named onnx_* need ONNX Runtime.
bool lacks_runtime(const std::string& name) {
  PartFile model;
  model.written = "builtin:difficulty";
  return name.starts_with("onnx_") && !onnx::session_of(model);
}

TEST_P(BrokenConfig, SaysExactlyWhatIsWrong) {
  if (lacks_runtime(GetParam())) GTEST_SKIP() << "there is no ONNX Runtime here";
  set_environment();
  const Loaded loaded = load_file((folder / (GetParam() + ".yaml")).string());
  const std::string actual = messages(loaded);
  EXPECT_FALSE(loaded.diagnostics.empty());
  EXPECT_EQ(loaded.ok(), actual.find(": error: ") == std::string::npos);
  EXPECT_EQ(actual.find("s3cr3t"), std::string::npos) << "a message shows a secret";
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    EXPECT_FALSE(diagnostic.fix.empty()) << diagnostic.message;
    EXPECT_EQ(diagnostic.fix.find('\n'), std::string::npos);
  }
  compare(folder / (GetParam() + ".txt"), actual);
}

INSTANTIATE_TEST_SUITE_P(Golden, BrokenConfig, testing::ValuesIn(cases(folder)),
                         [](const auto& test) { return test.param; });

class ValidConfig : public testing::TestWithParam<std::string> {};

TEST_P(ValidConfig, MeansExactlyThis) {
  set_environment();
  const Loaded loaded = load_file((folder / "valid" / (GetParam() + ".yaml")).string());
  EXPECT_EQ(messages(loaded), "");
  EXPECT_TRUE(loaded.ok());
  const std::string dump = config_dump(loaded.spec);
  EXPECT_EQ(dump.find("s3cr3t"), std::string::npos) << "the dump shows a secret";
  compare(folder / "valid" / (GetParam() + ".json"), dump);
}

INSTANTIATE_TEST_SUITE_P(Golden, ValidConfig, testing::ValuesIn(cases(folder / "valid")),
                         [](const auto& test) { return test.param; });

TEST(GoldenConfigs, AreManyAndEachHasItsExpectation) {
  EXPECT_GE(cases(folder).size(), 60u);
  for (const std::string& name : cases(folder)) EXPECT_TRUE(fs::exists(folder / (name + ".txt"))) << name;
}

}  // namespace
}  // namespace triage
