#pragma once
// An ImportedConfig in the making: names what it is given, makes equal things one, and turns keys into variables.

#include "import/imported.hpp"
#include "import/vendors.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::imports {

/// The spellings of all gateways for "the variable X": os.environ/X, env.X, env::X, $X, ${X}. nullopt: a plain text.
std::optional<std::string> variable_of(std::string_view text);

/// What is left of `text` when what no name may have is gone.
std::string name_from(std::string_view text);

/// "together.ai" is TOGETHER_AI.
std::string variable_name(std::string_view text);

class Draft {
 public:
  Draft(std::string format, std::string file);

  ImportedConfig config;
  Members listen_more;          ///< of `listen`, besides the address
  std::set<std::string> asked;  ///< models that have a route of their own, of those that only a wildcard names

  void note(std::string text) const { config.notes->push_back(std::move(text)); }

  /// A text that is no secret, with a variable as ${X}; YAML.
  std::string value(const Item& item);
  /// The same of a URL; `more` is what stands behind it. A variable must hold a whole URL.
  std::string url(const Item& item, std::string_view more = "");
  /// A secret as ${X}: its own variable, or, for a key that stands in the file, one that is called `suggested`. `notes`
  /// says so; the key itself is not copied.
  std::string secret(const Item& item, std::string_view suggested, const NotesPtr& notes);
  /// "${X}", for a variable that the file does not name.
  std::string variable(std::string_view name, std::string_view example = "placeholder");
  /// The key that clients send, by its hash.
  void gateway_key(const Item& item, const std::string& name, std::string_view suggested);

  /// The provider with these settings; a new one is called `name`, or `name`-2.
  ImportedProvider& provider(std::string_view name, const Members& settings);
  /// A provider with the vendor's own address, `more` after it, and a key: the item's, else the variable of custom.
  ImportedProvider& provider(const Vendor& vendor, const Item& key, const NotesPtr& notes, const Members& more = {});
  /// The deployment with these; a new one is called PROVIDER:MODEL.
  ImportedDeployment& deployment(const std::string& provider, const std::string& model, const Members& settings = {});
  /// The same with a name of its own, by which clients ask for it.
  ImportedDeployment& named_deployment(std::string_view name, const std::string& provider, const std::string& model);
  /// A route of its own name, in the order of the calls.
  ImportedRoute& route(std::string_view name);

  /// "primary", "fallback-1" ...; also in `tiers`.
  std::string tier(std::size_t index);

  /// Where it listens: on all addresses if clients need a key, else on loopback only.
  void listen(int port) { port_ = port; }
  /// What the readers leave to the end.
  void finish();

  /// The table's price with what `own` has instead, as YAML; empty: neither is known.
  [[nodiscard]] static std::string price(std::string_view listed_model, const Members& own);

 private:
  std::string fresh(std::string_view wanted, std::set<std::string>& taken) const;

  int port_ = 0;
  std::set<std::string> providers_;
  std::set<std::string> deployments_;
  std::set<std::string> routes_;
  // What its variable is called by custom, and a key that stands in the file -> its variable. Two vendors' keys are
  // never one: what looks the same is a mask (sk-***).
  std::map<std::pair<std::string, std::string>, std::string> literals_;
};

/// Adds to a tier; the same deployment again adds to its weight.
void add_member(ImportedTier& tier, const std::string& deployment, std::uint32_t weight);
/// Weights as whole numbers, in the same proportions: {0.7, 0.3} are 7 and 3.
std::vector<std::uint32_t> whole_weights(const std::vector<double>& weights);

}  // namespace triage::imports
