#pragma once
// The models of tests/golden/onnx as parts of a configuration.

#include "base/file.hpp"
#include "base/sha256.hpp"

#include <string>

namespace triage::onnx {

inline PartFile golden_model(const std::string& name) {
  PartFile out;
  out.written = name;
  out.path = TRIAGE_SOURCE_DIR "/tests/golden/onnx/" + name;
  std::string reason;
  if (const auto content = read_file(out.path, part_bytes_max, reason)) out.sha256 = hex(sha256(*content));
  return out;
}

}  // namespace triage::onnx
