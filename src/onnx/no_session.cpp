// Stands in for session.cpp in a build without the headers of ONNX Runtime.
#include "onnx/session.hpp"

namespace triage::onnx {

Result<std::shared_ptr<const Session>> make_session(std::string_view /*model*/) {
  return Error{ErrorCode::invalid_config,
               "this build of triage has no ONNX Runtime: build it again where its headers are installed (Debian 13: "
               "libonnxruntime-dev), or with -DTRIAGE_ONNXRUNTIME_ROOT=FOLDER"};
}

}  // namespace triage::onnx
