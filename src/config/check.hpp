#pragma once
// Checks what no single value can show: names that must exist, keys that exclude each other, files that must be there.

#include "options/checking.hpp"
#include "triage/spec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage::config {

using namespace options;

/// Fills in the defaults that depend on other keys: tiers, a deployment's model, a provider's dialect.
void complete(ConfigSpec& spec, Origins& origins);

/// The arms of a route's experiment; none without one.
std::vector<const RouteSpec*> arms_of(const RouteSpec& route);

/// Reports what is wrong with the price at `path`.
void check_price(const Price& price, const Path& path, const Origins& origins, Report& report);

/// Reports every contradiction in a completed spec.
void check(const ConfigSpec& spec, const Origins& origins, Report& report);

/// What the parts of the check share.
class Checker : public Checking {
 public:
  using Checking::Checking;

  void check_names();    ///< check_names.cpp
  void check_network();  ///< check_network.cpp

 private:
  void check_providers();
  void check_deployments();
  void check_aliases();
  void check_reserved(const Path& path, std::string_view name, std::string_view what);
  void check_tiers();
  void check_keys();
  void check_route(const RouteSpec& route, const std::vector<std::string>& keys);
  void check_policy(const RouteSpec& route);
  void check_members(const RouteSpec& route, const std::string& tier, const std::vector<TierMember>& members);
  void check_chain(const RouteSpec& route);
  void check_timeouts(const RouteSpec& route);
  void check_record(const RouteSpec& route);  // check_record.cpp

  // check_quality.cpp
  void check_quality(const RouteSpec& route);
  void check_judge(const JudgeSpec& judge, const Path& path);
  void check_graders(const std::vector<GraderSpec>& graders, const Path& path);
  void check_slo(const SloSpec& slo, const Path& path);

  // check_experiment.cpp
  void check_experiments();
  void check_experiment(const RouteSpec& route);
  void check_arms(const RouteSpec& route);
  void check_unit(const ExperimentSpec& experiment, const Path& path);
  void check_stages(const ExperimentSpec& experiment, const Path& path);
  void check_guardrails(const ExperimentSpec& experiment, const Path& path);
  void check_groups();

  // check_pairs.cpp
  void check_pairs(const RouteSpec& route);
  void check_pair(const RouteSpec& route, const PairSpec& pair, const Path& path);

  // check_cascade.cpp
  void check_cascade(const RouteSpec& route);
  void check_hold(const CascadeSpec& cascade, const Path& path);

  void check_listen();
  void check_address(const Path& path, const Address& address);
  void check_tls();
  void check_admin();
  void check_provider(const Provider& provider);
  void check_proxy(const Provider& provider);
  void check_client_tls(const Provider& provider);
  void check_several_keys(const Provider& provider);
  void check_opentelemetry();

  // check_cloud.cpp
  void check_cloud(const Provider& provider);
  void check_base_url(const Provider& provider);
  void check_aws_keys(const Provider& provider);
  void check_credentials(const Provider& provider);

  bool check_pem(const Path& path, const std::string& file, std::string_view holds);
};

}  // namespace triage::config
