#include "onnx/session.hpp"

#include "onnx/runtime.hpp"

#include <algorithm>
#include <utility>

namespace triage::onnx {
namespace {

Error refused(const char* why) {
  return {ErrorCode::invalid_config, why};
}

Element element_of(ONNXTensorElementDataType type) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT: return Element::float32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64: return Element::int64;
    default: return Element::other;
  }
}

TensorSpec spec_of(std::string name, const Ort::TypeInfo& type) {
  TensorSpec out;
  out.name = std::move(name);
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) return out;
  const auto shape = type.GetTensorTypeAndShapeInfo();
  out.element = element_of(shape.GetElementType());
  out.shape = shape.GetShape();
  return out;
}

std::vector<const char*> names_of(const std::vector<TensorSpec>& tensors) {
  std::vector<const char*> out;
  for (const TensorSpec& tensor : tensors) out.push_back(tensor.name.c_str());
  return out;
}

Ort::SessionOptions options() {
  Ort::SessionOptions out;
  out.SetIntraOpNumThreads(1);
  out.SetInterOpNumThreads(1);
  out.SetExecutionMode(ORT_SEQUENTIAL);
  out.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  return out;
}

// A value that refers to the input's own memory.
Ort::Value value_of(const TensorIn& in) {
  static const Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  return std::visit(
      [&in]<class T>(std::span<const T> values) {
        return Ort::Value::CreateTensor<T>(memory, const_cast<T*>(values.data()), values.size(), in.shape.data(),
                                           in.shape.size());
      },
      in.values);
}

class OrtSession final : public Session {
 public:
  OrtSession(const Ort::Env& env, std::string_view model) : session_(env, model.data(), model.size(), options()) {
    const Ort::AllocatorWithDefaultOptions allocator;
    for (std::size_t i = 0; i < session_.GetInputCount(); ++i)
      inputs_.push_back(spec_of(session_.GetInputNameAllocated(i, allocator).get(), session_.GetInputTypeInfo(i)));
    for (std::size_t i = 0; i < session_.GetOutputCount(); ++i)
      outputs_.push_back(spec_of(session_.GetOutputNameAllocated(i, allocator).get(), session_.GetOutputTypeInfo(i)));
    input_names_ = names_of(inputs_);
    output_names_ = names_of(outputs_);
  }

  [[nodiscard]] std::span<const TensorSpec> inputs() const noexcept override { return inputs_; }
  [[nodiscard]] std::span<const TensorSpec> outputs() const noexcept override { return outputs_; }

  [[nodiscard]] std::string property(const std::string& name) const override {
    const Ort::AllocatorWithDefaultOptions allocator;
    const auto value = session_.GetModelMetadata().LookupCustomMetadataMapAllocated(name.c_str(), allocator);
    return value ? value.get() : "";
  }

  [[nodiscard]] Result<std::vector<TensorOut>> run(std::span<const TensorIn> in) const override {
    try {
      std::vector<Ort::Value> values;
      values.reserve(in.size());
      for (const TensorIn& each : in) values.push_back(value_of(each));
      const auto results = session_.Run(Ort::RunOptions{nullptr}, input_names_.data(), values.data(), values.size(),
                                        output_names_.data(), output_names_.size());
      std::vector<TensorOut> out;
      out.reserve(results.size());
      for (const Ort::Value& result : results) {
        const auto type = result.GetTensorTypeAndShapeInfo();
        if (type.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) return refused("an output is not float32");
        const float* const first = result.GetTensorData<float>();
        out.push_back({{first, first + type.GetElementCount()}, type.GetShape()});
      }
      return out;
    } catch (const Ort::Exception& failure) {
      return refused(failure.what());
    }
  }

 private:
  mutable Ort::Session session_;  // Run() is not const, but safe on several threads
  std::vector<TensorSpec> inputs_;
  std::vector<TensorSpec> outputs_;
  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
};

}  // namespace

Result<std::shared_ptr<const Session>> make_session(std::string_view model) {
  const auto env = runtime();
  if (!env) return env.error();
  try {
    return std::shared_ptr<const Session>(std::make_shared<OrtSession>(**env, model));
  } catch (const Ort::Exception& failure) {
    return refused(failure.what());
  }
}

}  // namespace triage::onnx
