#include "onnx/session.hpp"

namespace triage::onnx {

std::string to_string(const TensorSpec& tensor) {
  std::string out = tensor.element == Element::float32 ? "float32"
                    : tensor.element == Element::int64 ? "int64"
                                                       : "another type";
  out += '[';
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    if (i > 0) out += ", ";
    out += tensor.shape[i] < 0 ? "?" : std::to_string(tensor.shape[i]);
  }
  return out + ']';
}

}  // namespace triage::onnx
