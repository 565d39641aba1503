#include "app/kept_vectors.hpp"

#include "app/arguments.hpp"
#include "app/encode_texts.hpp"
#include "app/trial.hpp"
#include "base/file.hpp"
#include "text/text_shape.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

namespace triage {
namespace {

using similarity::VectorFile;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds save_every{10};

std::string usd(std::optional<std::int64_t> nano) {
  if (!nano) return "an unknown price";
  char out[48];
  std::snprintf(out, sizeof out, "$%.6f", static_cast<double>(*nano) * 1e-9);
  return out;
}

VectorFile kept_in(const std::string& file, const std::string& encoder) {
  std::string reason;
  const auto bytes = read_file(file, similarity::file_bytes_max, reason);
  if (!bytes) return VectorFile(encoder);
  auto kept = VectorFile::read(*bytes);
  if (!kept) {
    std::fprintf(stderr, "%s: %s; it is made anew\n", file.c_str(), kept.error().message.c_str());
    return VectorFile(encoder);
  }
  if (kept->encoder() == encoder) return std::move(*kept);
  std::fprintf(stderr, "%s holds vectors of '%s', not of '%s'; it is made anew\n", file.c_str(),
               kept->encoder().c_str(), encoder.c_str());
  return VectorFile(encoder);
}

// All of it or nothing of it, whatever happens meanwhile.
void save(const VectorFile& vectors, const std::string& file) {
  const std::string fresh = file + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << vectors.bytes();
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(fresh, file, error);
  if (!out || error) throw std::runtime_error("cannot write '" + file + "'");
}

// What it will cost, before anything is paid.
void tell_cost(const Loaded& loaded, const SimilarityRouterSpec& spec, const std::vector<std::string>& texts) {
  Usage usage;
  for (const std::string& text : texts) {
    TextShape shape;
    count_text(text, shape);
    usage.input += estimate_tokens(shape);
  }
  if (spec.encoder.deployment.empty()) {
    std::fprintf(stderr, "%zu texts of about %lld tokens are encoded here, by '%s'\n", texts.size(),
                 static_cast<long long>(usage.input), spec.encoder.model.written.c_str());
    return;
  }
  const auto found = std::ranges::find(loaded.spec.deployments, spec.encoder.deployment, &Deployment::name);
  std::optional<std::int64_t> cost;
  if (found != loaded.spec.deployments.end()) cost = cost_nano_usd(found->price, usage);
  std::fprintf(stderr, "%zu texts of about %lld tokens go to '%s', for about %s\n", texts.size(),
               static_cast<long long>(usage.input), spec.encoder.deployment.c_str(), usd(cost).c_str());
}

}  // namespace

std::vector<SimilarityRouter> similarity_routers(const ConfigSpec& spec, const std::string& name) {
  const auto route = std::ranges::find(spec.routes, name, &RouteSpec::name);
  if (route == spec.routes.end()) throw UsageError("--route: the configuration has no route '" + name + "'");
  std::vector<SimilarityRouter> out;
  for (std::size_t i = 0; i < route->routers.size(); ++i)
    if (const auto* const options = std::any_cast<SimilarityRouterSpec>(&route->routers[i].options))
      out.push_back({&*route, i, options});
  if (out.empty()) throw UsageError("--route: route '" + name + "' has no router 'similarity'");
  return out;
}

VectorFile complete_vectors(const Loaded& loaded, const SimilarityRouterSpec& spec, const std::string& file,
                            std::span<const similarity::Row* const> rows) {
  const std::string beside = vectors_beside(file);
  VectorFile vectors = kept_in(beside, routing::vectors_of(spec.encoder, loaded.spec));
  std::vector<std::string> texts;
  std::set<similarity::TextKey> asked;
  for (const similarity::Row* row : rows) {
    if (!row->vector.empty()) continue;
    std::string text = encoded_part(spec, row->text);
    const auto key = similarity::key_of(text);
    if (vectors.find(key).empty() && asked.insert(key).second) texts.push_back(std::move(text));
  }
  if (texts.empty()) return vectors;
  tell_cost(loaded, spec, texts);
  const Trial trial(loaded.spec, loaded.version);
  auto saved = Clock::now();
  std::size_t done = 0;
  std::string refused;
  const auto took = [&](std::size_t index, std::vector<float> vector) {
    const std::size_t size = vector.size();
    if (!vectors.put(similarity::key_of(texts[index]), std::move(vector))) {
      refused = "it gave a vector of " + std::to_string(size) + " numbers that is 0 or not as long as the others";
      return false;
    }
    ++done;
    if (Clock::now() - saved < save_every) return true;
    save(vectors, beside);
    saved = Clock::now();
    std::fprintf(stderr, "%zu of %zu\n", done, texts.size());
    return true;
  };
  const auto encoder = routing::make_encoder(spec.encoder);
  const Encoding encoding = encode_texts(trial.snapshot(), *encoder, texts, took);
  if (done > 0) save(vectors, beside);
  std::fprintf(stderr, "%zu of %zu vectors are in %s, for %s\n", done, texts.size(), beside.c_str(),
               usd(encoding.cost_nano_usd).c_str());
  const std::string problem = refused.empty() ? encoding.problem : refused;
  if (done == texts.size()) return vectors;
  throw std::runtime_error("'" + std::string(encoder->name()) + "': " + problem +
                           "; the same command goes on where this one ended");
}

}  // namespace triage
