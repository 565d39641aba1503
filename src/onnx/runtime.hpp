#pragma once
// The library of ONNX Runtime, opened once in a process and never closed. Its C++ API calls through the table of
// functions that this file finds.

#include "triage/error.hpp"

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

namespace triage::onnx {

/// The one environment of the process. Thread-safe. Error: why the library cannot be used, and what to do; it is looked
/// for only once.
Result<Ort::Env*> runtime();

}  // namespace triage::onnx
