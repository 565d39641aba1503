#include "onnx/model_file.hpp"

#include "base/file.hpp"
#include "base/shared_by_key.hpp"
#include "onnx/builtin_models.hpp"

#include <utility>

namespace triage::onnx {
namespace {

Error unknown_builtin(std::string_view name) {
  std::string known;
  for (const BuiltinModel& model : builtin_models())
    known.append(known.empty() ? "" : ", ").append(builtin_prefix).append(model.name);
  return {ErrorCode::invalid_config, "there is no '" + std::string(name) + "' inside triage, only " + known};
}

Result<std::shared_ptr<const Session>> load(const PartFile& file) {
  if (file.written.starts_with(builtin_prefix)) {
    for (const BuiltinModel& model : builtin_models())
      if (file.written.substr(builtin_prefix.size()) == model.name) return make_session(model.content);
    return unknown_builtin(file.written);
  }
  const auto content = read_file(file);
  if (!content) return content.error();
  return make_session(*content);
}

}  // namespace

std::string content_key(const PartFile& file) {
  return file.written.starts_with(builtin_prefix) ? file.written : file.sha256;
}

Result<std::shared_ptr<const Session>> session_of(const PartFile& file) {
  static SharedByKey<Session> all;
  const std::string key = content_key(file);
  if (auto session = all.find(key)) return session;
  auto session = load(file);
  if (!session) return session;
  return all.keep(key, std::move(*session));
}

}  // namespace triage::onnx
