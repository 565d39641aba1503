#pragma once
// A model in the ONNX format, run by ONNX Runtime (https://onnxruntime.ai). Its library is opened when the first model
// is loaded: the file that the environment variable TRIAGE_ONNXRUNTIME names, else libonnxruntime.so.1 beside the
// program or in ../lib from there, else the one it was built with, else the system's. Only this folder includes its
// headers.

#include "triage/error.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace triage::onnx {

enum class Element : std::uint8_t { float32, int64, other };

/// An input or output as the model declares it.
struct TensorSpec {
  std::string name;
  Element element = Element::other;
  std::vector<std::int64_t> shape;  ///< -1: any size
};

/// "float32[?, 24]"
std::string to_string(const TensorSpec& tensor);

/// A value for an input, row by row. The sizes of `shape` multiply to the number of values.
struct TensorIn {
  std::variant<std::span<const float>, std::span<const std::int64_t>> values;
  std::vector<std::int64_t> shape;
};

struct TensorOut {
  std::vector<float> values;
  std::vector<std::int64_t> shape;
};

/// Immutable and thread-safe. A run uses the calling thread alone.
class Session {
 public:
  virtual ~Session() = default;
  [[nodiscard]] virtual std::span<const TensorSpec> inputs() const noexcept = 0;
  [[nodiscard]] virtual std::span<const TensorSpec> outputs() const noexcept = 0;
  /// A property of the model's metadata; empty: it has none of that name.
  [[nodiscard]] virtual std::string property(const std::string& name) const = 0;
  /// Gives every output, in the order of outputs(); `in` has every input, in the order of inputs(). Error: the
  /// runtime's message, or that an output is not float32.
  [[nodiscard]] virtual Result<std::vector<TensorOut>> run(std::span<const TensorIn> in) const = 0;
};

/// Error: why ONNX Runtime cannot be used here, or what it says is wrong with the model.
Result<std::shared_ptr<const Session>> make_session(std::string_view model);

}  // namespace triage::onnx
