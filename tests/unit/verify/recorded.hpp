#pragma once
// Recorded answers of real models, where they are: ../shared/data/router, or below $TRIAGE_SHARED.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace triage::verify {

inline std::filesystem::path recorded_file(const std::string& name) {
  const char* shared = std::getenv("TRIAGE_SHARED");
  const std::filesystem::path folder =
      shared != nullptr ? std::filesystem::path(shared) : std::filesystem::path(TRIAGE_SOURCE_DIR) / "../shared";
  return folder / "data/router" / name;
}

/// The lines of a .jsonl.gz; empty if it is not there.
inline std::vector<nlohmann::json> read_recorded(const std::string& name) {
  std::vector<nlohmann::json> out;
  const std::filesystem::path file = recorded_file(name);
  if (!std::filesystem::exists(file)) return out;
  const std::string command = "gzip -dc '" + file.string() + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) return out;
  std::string all;
  std::array<char, 65536> block;
  while (const std::size_t size = std::fread(block.data(), 1, block.size(), pipe.get())) all.append(block.data(), size);
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    if (end > begin)
      out.push_back(nlohmann::json::parse(all.begin() + static_cast<std::ptrdiff_t>(begin),
                                          all.begin() + static_cast<std::ptrdiff_t>(end)));
    begin = end + 1;
  }
  return out;
}

}  // namespace triage::verify
