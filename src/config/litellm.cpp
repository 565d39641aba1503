// {"gemini/gemini-2.5-pro": {"litellm_provider": "gemini", "mode": "chat", "max_input_tokens": 1048576,
//   "input_cost_per_token": 1.25e-06, "input_cost_per_token_above_200k_tokens": 2.5e-06, ...,
//   "tiered_pricing": [{"range": [0, 32000], "input_cost_per_token": ...}, ...], "supports_vision": true}}
//
// USD per token, parsed digit by digit, become femto-USD per token. A name that ends in "_flex" and the like belongs to
// a service tier, "_above_200k_tokens" to long requests; xAI's steps count from 200,000 on, where others' begin above.
// Prices by the second, page, pixel or time of the day have no counterpart here and are left out.
#include "config/litellm.hpp"

#include "base/decimal.hpp"
#include "json/json.hpp"
#include "options/values.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace triage::config {
namespace {

constexpr int places = 15;

struct RateName {
  std::string_view name;
  std::optional<Rate> Rates::*rate;
};
constexpr std::array<RateName, 9> rate_names{{{"input_cost_per_token", &Rates::input},
                                              {"output_cost_per_token", &Rates::output},
                                              {"cache_read_input_token_cost", &Rates::input_cached},
                                              {"cache_creation_input_token_cost", &Rates::cache_write},
                                              {"cache_creation_input_token_cost_above_1hr", &Rates::cache_write_1h},
                                              {"citation_cost_per_token", &Rates::citations},
                                              {"output_cost_per_reasoning_token", &Rates::reasoning},
                                              {"input_cost_per_audio_token", &Rates::input_audio},
                                              {"output_cost_per_audio_token", &Rates::output_audio}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> service_tiers{{{"_flex", "flex"},
                                                                                      {"_priority", "priority"},
                                                                                      {"_ultrafast", "ultrafast"},
                                                                                      {"_balanced", "balanced"},
                                                                                      {"_batches", "batch"}}};
constexpr std::array<std::string_view, 4> modes{"chat", "responses", "completion", "embedding"};

/// One model's entry while it is being read.
class Entry {
 public:
  Entry(JsonReader& in, std::string_view name) : in_(in) {
    model_.name = name;
    each_member(in_, [this](const JsonString& member) { read(member.text()); });
    if (!tiers_.empty()) use_tiers();
    if (model_.provider == "xai") begin_steps_sooner();
    if (mode_ == "embedding") {
      give_no_output(model_.price);
      for (ServiceTierPrice& tier : model_.price.service_tiers) give_no_output(tier);
    }
    if (!model_.context_window) model_.context_window = tokens_max_;
    if (check_name(model_.provider)) model_.provider.clear();
    read_abilities();
  }

  /// Why the entry cannot be used; "" if it can.
  [[nodiscard]] std::string problem() const {
    if (std::find(modes.begin(), modes.end(), mode_) == modes.end()) return "no model for text or embeddings";
    if (const Refusal refusal = check_name(model_.name)) return "a name that a configuration cannot have";
    if (bad_) return "a price that is none";
    if (!model_.price.input) return "no price per token of input";
    if (!model_.price.output) return "no price per token of output";
    return "";
  }
  [[nodiscard]] ListedModel& model() noexcept { return model_; }
  [[nodiscard]] std::size_t rounded() const noexcept { return rounded_; }

 private:
  using Flag = std::optional<bool>;

  void read_abilities() {
    const auto add = [&](const Flag& flag, const char* name) {
      if (flag.value_or(false)) model_.capabilities.emplace_back(name);
    };
    add(tools_, "tools");
    add(images_, "images");
    add(schema_, "json_schema");
    add(audio_, "audio");
    add(prefill_, "prefill");
    model_.sampling = sampling_;
    if (!reasoning_ || mode_ == "embedding") return;
    const bool openai = model_.provider == "openai" || model_.provider == "azure" || model_.provider == "azure_ai";
    const bool gemini = model_.name.find("gemini-") != std::string::npos;
    // The table says of Claude how it thinks; OpenAI's models take words for the effort, and no sampling; Gemini's have
    // taken levels since the third.
    if (!*reasoning_)
      model_.thinking = Thinking::none;
    else if (adaptive_)
      model_.thinking = *adaptive_ && !budgets_.value_or(false) ? Thinking::adaptive : Thinking::budget;
    else if (model_.name.find("claude") != std::string::npos)
      model_.thinking = Thinking::budget;
    else if (gemini)
      model_.thinking = model_.name.find("gemini-2") == std::string::npos ? Thinking::level : Thinking::budget;
    else if (openai)
      model_.thinking = Thinking::adaptive;
    if (openai && *reasoning_ && !sampling_ && model_.thinking == Thinking::adaptive) model_.sampling = false;
  }

  /// nullptr: a flag that says nothing here.
  Flag* flag_of(std::string_view name) {
    struct Named {
      std::string_view name;
      Flag Entry::*flag;
    };
    static constexpr std::array<Named, 9> flags{{{"supports_function_calling", &Entry::tools_},
                                                 {"supports_vision", &Entry::images_},
                                                 {"supports_response_schema", &Entry::schema_},
                                                 {"supports_audio_input", &Entry::audio_},
                                                 {"supports_assistant_prefill", &Entry::prefill_},
                                                 {"supports_reasoning", &Entry::reasoning_},
                                                 {"supports_adaptive_thinking", &Entry::adaptive_},
                                                 {"supports_legacy_thinking", &Entry::budgets_},
                                                 {"supports_sampling_params", &Entry::sampling_}}};
    const auto found = std::ranges::find(flags, name, &Named::name);
    return found == flags.end() ? nullptr : &(this->*found->flag);
  }

  void read(const std::string& name) {
    if (name == "litellm_provider") {
      read_text(model_.provider);
    } else if (name == "mode") {
      read_text(mode_);
    } else if (name == "max_input_tokens") {
      read_tokens(model_.context_window);
    } else if (name == "max_output_tokens") {
      read_tokens(model_.max_output);
    } else if (name == "max_tokens") {
      read_tokens(tokens_max_);
    } else if (name == "input_cost_per_image") {
      read_money(model_.price.image);
    } else if (name == "input_cost_per_request") {
      read_money(model_.price.request);
    } else if (name == "tiered_pricing") {
      read_tiers();
    } else if (name == "search_context_cost_per_query") {
      read_search();
    } else if (name.starts_with("supports_") && in_.kind() == JsonReader::Kind::boolean) {
      bool value = false;
      in_.boolean(value);
      if (Flag* const flag = flag_of(name)) *flag = value;
    } else {
      read_rate(name);
    }
  }

  void read_text(std::string& out) {
    JsonString text;
    if (in_.kind() != JsonReader::Kind::string)
      in_.skip();
    else if (in_.string(text))
      out = text.text();
  }

  void read_tokens(std::optional<std::int64_t>& out) {
    const auto tokens = read_decimal(0);
    if (tokens && *tokens > 0 && *tokens <= 1'000'000'000) out = tokens;
  }

  /// nullopt: there is none. Otherwise the number in units of 10^-decimals.
  std::optional<std::int64_t> read_decimal(int decimals) {
    std::string_view spelled;
    if (in_.kind() != JsonReader::Kind::number) {
      in_.skip();
      return std::nullopt;
    }
    if (!in_.number(spelled)) return std::nullopt;
    const auto number = parse_decimal(spelled, decimals);
    if (!number) return std::nullopt;
    exact_ = number->exact;
    return number->units;
  }

  template <class Money>
  void read_money(std::optional<Money>& out) {
    const bool absent = in_.kind() == JsonReader::Kind::null;
    const auto femto_usd = read_decimal(places);
    if (femto_usd && *femto_usd >= 0) {
      out = Money{*femto_usd};
      rounded_ += exact_ ? 0 : 1;
    } else if (!absent) {
      bad_ = true;
    }
  }

  /// input_cost_per_token[_above_200k_tokens][_flex]
  void read_rate(std::string_view name) {
    const auto tier = std::find_if(service_tiers.begin(), service_tiers.end(),
                                   [&](const auto& each) { return name.ends_with(each.first); });
    if (tier != service_tiers.end()) name.remove_suffix(tier->first.size());
    const std::size_t above = name.rfind("_above_");
    const auto threshold = above == std::string_view::npos ? std::nullopt : threshold_of(name.substr(above + 7));
    if (threshold) name = name.substr(0, above);
    const auto known =
        std::find_if(rate_names.begin(), rate_names.end(), [&](const RateName& rate) { return rate.name == name; });
    if (known == rate_names.end() || in_.kind() == JsonReader::Kind::null) return void(in_.skip());
    ServiceTierPrice* const of_tier = tier == service_tiers.end() ? nullptr : &tier_of(tier->second);
    Rates* rates = &model_.price;
    if (of_tier) rates = of_tier;
    if (threshold) rates = &step_of(of_tier ? of_tier->steps : model_.price.steps, *threshold);
    read_money(rates->*known->rate);
  }

  ServiceTierPrice& tier_of(std::string_view name) {
    auto& tiers = model_.price.service_tiers;
    const auto found = std::ranges::find(tiers, name, &ServiceTierPrice::name);
    if (found != tiers.end()) return *found;
    tiers.emplace_back().name = name;
    return tiers.back();
  }

  /// "200k_tokens"
  static std::optional<std::int64_t> threshold_of(std::string_view text) {
    std::int64_t thousands = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, thousands);
    if (error != std::errc() || std::string_view(rest, end) != "k_tokens" || thousands <= 0 || thousands > 1'000'000)
      return std::nullopt;
    return thousands * 1'000;
  }

  static void give_no_output(Rates& rates) {
    if (rates.input && !rates.output) rates.output = Rate{0};
  }

  void begin_steps_sooner() {
    for (PriceStep& step : model_.price.steps) --step.above;
    for (ServiceTierPrice& tier : model_.price.service_tiers)
      for (PriceStep& step : tier.steps) --step.above;
  }

  void read_search() {
    each_member(in_, [this](const JsonString& name) {
      SearchCharges& search = model_.price.search;
      if (name.is("search_context_size_low"))
        read_money(search.low);
      else if (name.is("search_context_size_medium"))
        read_money(search.medium);
      else if (name.is("search_context_size_high"))
        read_money(search.high);
      else
        in_.skip();
    });
  }

  static PriceStep& step_of(std::vector<PriceStep>& steps, std::int64_t above) {
    const auto found = std::find_if(steps.begin(), steps.end(), [&](const PriceStep& s) { return s.above == above; });
    if (found != steps.end()) return *found;
    steps.emplace_back().above = above;
    return steps.back();
  }

  void read_tiers() {
    each_element(in_, [&] {
      PriceStep& tier = tiers_.emplace_back();
      each_member(in_, [&](const JsonString& member) {
        const auto known = std::find_if(rate_names.begin(), rate_names.end(),
                                        [&](const RateName& rate) { return member.is(rate.name); });
        if (member.is("range"))
          tier.above = read_range();
        else if (known != rate_names.end())
          read_money(tier.*known->rate);
        else
          in_.skip();
      });
    });
  }

  /// Reads [FROM, TO] and returns FROM.
  std::int64_t read_range() {
    std::optional<std::int64_t> first;
    bool begun = false;
    each_element(in_, [&] {
      const auto bound = read_decimal(0);
      if (!std::exchange(begun, true)) first = bound;
    });
    bad_ = bad_ || !first || *first < 0;
    return first.value_or(0);
  }

  void use_tiers() {
    std::sort(tiers_.begin(), tiers_.end(), [](const auto& a, const auto& b) { return a.above < b.above; });
    static_cast<Rates&>(model_.price) = tiers_.front();
    model_.price.steps.assign(tiers_.begin() + 1, tiers_.end());
    bad_ = bad_ || tiers_.front().above != 0;
    for (std::size_t i = 1; i < tiers_.size(); ++i) bad_ = bad_ || tiers_[i].above == tiers_[i - 1].above;
  }

  JsonReader& in_;
  ListedModel model_;
  std::string mode_;
  std::optional<std::int64_t> tokens_max_;
  std::vector<PriceStep> tiers_;
  std::size_t rounded_ = 0;
  bool exact_ = true;
  bool bad_ = false;
  Flag tools_;
  Flag images_;
  Flag schema_;
  Flag audio_;
  Flag prefill_;
  Flag reasoning_;
  Flag adaptive_;
  Flag budgets_;
  Flag sampling_;
};

}  // namespace

Result<ImportedPrices> import_litellm(std::string_view json) {
  const std::string padded = std::string(json) + std::string(body_padding, '\0');
  ImportedPrices out;
  JsonReader in(std::string_view(padded).substr(0, json.size()), 64);
  const bool is_object = each_member(in, [&](const JsonString& name) {
    if (in.kind() != JsonReader::Kind::object) {
      in.skip();
      return;
    }
    Entry entry(in, name.text());
    out.rounded += entry.rounded();
    if (const std::string problem = entry.problem(); problem.empty())
      out.table.models.push_back(std::move(entry.model()));
    else
      out.skipped[problem].push_back(name.text());
  });
  if (!in.finish())
    return Error{ErrorCode::invalid_value,
                 "no JSON: " + std::string(in.problem_text()) + " at byte " + std::to_string(in.problem_offset())};
  if (!is_object || out.table.models.empty())
    return Error{ErrorCode::invalid_value, "it has no model with a price per token"};
  for (const ListedModel& model : out.table.models) {
    const auto known = std::find_if(out.table.providers.begin(), out.table.providers.end(),
                                    [&](const PriceProvider& p) { return p.name == model.provider; });
    if (known == out.table.providers.end() && !model.provider.empty()) out.table.providers.push_back({model.provider});
  }
  return out;
}

}  // namespace triage::config
