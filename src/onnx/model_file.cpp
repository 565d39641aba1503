#include "onnx/model_file.hpp"

#include "base/file.hpp"
#include "onnx/builtin_models.hpp"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace triage::onnx {
namespace {

// By what identifies their content. Those inside the program, which are small, are kept once they were used.
struct Sessions {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<const Session>> by_content;
  std::vector<std::shared_ptr<const Session>> builtin;
};

Sessions& sessions() {
  static Sessions all;
  return all;
}

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

Result<std::shared_ptr<const Session>> session_of(const PartFile& file) {
  Sessions& all = sessions();
  const std::lock_guard lock(all.mutex);
  std::erase_if(all.by_content, [](const auto& known) { return known.second.expired(); });
  std::weak_ptr<const Session>& known = all.by_content[file.sha256.empty() ? file.written : file.sha256];
  if (auto session = known.lock()) return session;
  auto session = load(file);
  if (!session) return session;
  known = *session;
  if (file.written.starts_with(builtin_prefix)) all.builtin.push_back(*session);
  return session;
}

}  // namespace triage::onnx
