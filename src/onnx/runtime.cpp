#include "onnx/runtime.hpp"

#include "base/log.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace triage::onnx {
namespace {

constexpr const char* soname = "libonnxruntime.so.1";

std::vector<std::string> candidates() {
  if (const char* const named = std::getenv("TRIAGE_ONNXRUNTIME"); named != nullptr && *named != '\0') return {named};
  std::vector<std::string> out;
  std::error_code unreadable;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unreadable);
  if (!unreadable) {
    const auto folder = program.parent_path();
    for (const auto& path : {folder / soname, folder.parent_path() / "lib" / soname})
      if (std::filesystem::exists(path, unreadable)) out.push_back(path.string());
  }
#ifdef TRIAGE_ONNXRUNTIME_LIBRARY
  if (std::filesystem::exists(TRIAGE_ONNXRUNTIME_LIBRARY, unreadable)) out.emplace_back(TRIAGE_ONNXRUNTIME_LIBRARY);
#endif
  out.emplace_back(soname);
  return out;
}

Error unavailable(const std::string& why) {
  return {ErrorCode::invalid_config, "ONNX Runtime cannot be used: " + why +
                                         ". Install Debian 13's libonnxruntime1.21 or another of version 1.21 or "
                                         "later, and name its file in TRIAGE_ONNXRUNTIME if it is not found"};
}

void log_line(void*, OrtLoggingLevel level, const char*, const char*, const char*, const char* text) {
  if (level >= ORT_LOGGING_LEVEL_ERROR)
    log::error(std::string("onnxruntime: ") + text);
  else
    log::warn(std::string("onnxruntime: ") + text);
}

Result<Ort::Env*> open_library() {
  std::string why;
  for (const std::string& path : candidates()) {
    void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      why = ::dlerror();
      continue;
    }
    using GetApiBase = const OrtApiBase* (*)();
    const auto get = reinterpret_cast<GetApiBase>(::dlsym(library, "OrtGetApiBase"));
    const OrtApi* const api = get != nullptr ? get()->GetApi(ORT_API_VERSION) : nullptr;
    if (api == nullptr) {
      why = path + " is too old: it has no API " + std::to_string(ORT_API_VERSION);
      continue;
    }
    Ort::InitApi(api);
    try {
      return new Ort::Env(ORT_LOGGING_LEVEL_FATAL, "triage", log_line, nullptr);
    } catch (const Ort::Exception& failure) {
      return unavailable(failure.what());
    }
  }
  return unavailable(why);
}

}  // namespace

Result<Ort::Env*> runtime() {
  static const Result<Ort::Env*> opened = open_library();
  return opened;
}

}  // namespace triage::onnx
