#include "config/load_parts.hpp"

#include "base/sha256.hpp"
#include "options/checking.hpp"
#include "routing/routers.hpp"
#include "triage/body_padding.hpp"

#include <utility>

namespace triage::config {
namespace {

class Parts final : public PartFiles {
 public:
  Parts(const Origins& origins, Sources& sources, Report& report, DerivedFiles derived)
      : origins_(origins), sources_(sources), report_(report), derived_(derived) {}

  std::string place_of(const Path& path, const std::string& name) const override {
    return beside(report_.files().at(origins_.place(path).file), name);
  }

  std::optional<Part> read(const Path& path, const std::string& name, std::size_t bytes_max,
                           std::string& reason) override {
    Part out;
    out.name = place_of(path, name);
    auto text = sources_.read_part(out.name, bytes_max, reason);
    if (!text) return std::nullopt;
    out.text = std::move(*text);
    out.size = out.text.size();
    digests_ += hex(sha256(out.text));
    out.text.append(body_padding, '\0');
    return out;
  }

  void error(const Part& part, int line, std::string message, std::string fix) override {
    const auto [file, fresh] = files_.try_emplace(part.name, 0);
    if (fresh) file->second = report_.add_file(part.name);
    report_.error({file->second, line, 1}, std::move(message), std::move(fix));
  }

  DerivedFiles derived() const noexcept override { return derived_; }

  /// Of all files read since the last call.
  std::string take_digests() { return std::exchange(digests_, {}); }

 private:
  const Origins& origins_;
  Sources& sources_;
  Report& report_;
  const DerivedFiles derived_;
  std::string digests_;
  std::map<std::string, std::size_t> files_;  // those with errors, by their place in the report
};

void load_routers(RouteSpec& route, const Checking& in, const Origins& origins, Parts& parts) {
  const Path path = path_of(route) / "routers";
  for (std::size_t i = 0; i < route.routers.size(); ++i) {
    RouterSpec& router = route.routers[i];
    const routing::RouterKind* const kind = routing::find_router(router.kind);
    const Path at = path / i / router.kind;
    if (kind != nullptr && kind->load != nullptr && origins.intact_inside(at))
      kind->load({in, parts, route, at}, router.options);
  }
}

}  // namespace

std::map<Path, std::string> load_parts(ConfigSpec& spec, const Origins& origins, Sources& sources, Report& report,
                                       DerivedFiles derived) {
  std::map<Path, std::string> digests;
  Parts parts(origins, sources, report, derived);
  const Checking in(spec, origins, report);
  for (RouteSpec& route : spec.routes) {
    load_routers(route, in, origins, parts);
    const std::string& own = digests[path_of(route)] = parts.take_digests();
    if (!route.experiment) continue;
    for (Boxed<ArmSpec>* const arm : {&route.experiment->control, &route.experiment->treatment}) {
      if (!*arm) continue;
      const Path path = path_of(**arm);
      const bool has_own = !origins.inherited(path / "routers") || !origins.inherited(path / "tiers");
      if (has_own)
        load_routers(**arm, in, origins, parts);
      else
        (**arm).routers = route.routers;  // with what they have loaded
      digests[path] = has_own ? parts.take_digests() : own;
    }
  }
  return digests;
}

}  // namespace triage::config
