#pragma once
// The files that hold models, and those inside the program.

#include "onnx/session.hpp"
#include "triage/part_file.hpp"

#include <memory>
#include <string>

namespace triage::onnx {

/// What identifies the file's content; empty: it is not known.
std::string content_key(const PartFile& file);

/// The session of the model in `file`. All that use the same content share one, as long as one of them lives. Error:
/// the file cannot be read, or is no model that ONNX Runtime takes; does not name the file.
Result<std::shared_ptr<const Session>> session_of(const PartFile& file);

}  // namespace triage::onnx
