#pragma once
// How far long work has come, on stderr: a line each second, none for work of less than one.

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace triage {

class Progress {
 public:
  Progress(std::string what, std::size_t all) : what_(std::move(what)), all_(all) {}

  void at(std::size_t done) {
    const auto now = std::chrono::steady_clock::now();
    if (now - said_ < std::chrono::seconds(1)) return;
    said_ = now;
    std::fprintf(stderr, "%zu of %zu %s\n", done, all_, what_.c_str());
  }

 private:
  std::string what_;
  std::size_t all_;
  std::chrono::steady_clock::time_point said_ = std::chrono::steady_clock::now();
};

}  // namespace triage
