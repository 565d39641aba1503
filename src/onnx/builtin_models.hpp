#pragma once
// The models that are part of the program: those of config/models, put there when it was built.

#include <span>
#include <string_view>

namespace triage::onnx {

struct BuiltinModel {
  std::string_view name;
  std::string_view content;  ///< in the ONNX format
};

std::span<const BuiltinModel> builtin_models() noexcept;

}  // namespace triage::onnx
