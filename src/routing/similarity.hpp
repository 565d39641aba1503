#pragma once
// Options of the router `similarity`, and the examples that are loaded with them.

#include "routing/encoder.hpp"
#include "similarity/nearest.hpp"
#include "similarity/rows.hpp"
#include "triage/units.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// Examples with their vectors: row i of `nearest` is that of examples[i]. While vectors may still have to be made
/// (options::DerivedFiles), `nearest` is empty, and the examples have the vectors that their lines bring.
struct ExampleSet {
  std::string file;                           ///< where they are from
  std::vector<similarity::Example> examples;  ///< their own vectors are empty: `nearest` has them
  similarity::NearestExamples nearest;
};

struct SimilarityRouterSpec {
  std::string examples;    ///< a file, see similarity/rows.hpp
  double at_least = 0.88;  ///< cosine from which the nearest example counts
  std::string tier;        ///< of the examples that name none; empty: none
  EncoderSpec encoder;
  ByteSize sees_max{8 * 1024};  ///< bound on what is encoded of a prompt; of more, the beginning and the end

  /// What the file says, not described: set when the configuration is loaded. Null: it was reported why.
  std::shared_ptr<const ExampleSet> loaded = nullptr;
};

/// The part of a prompt that is encoded.
std::string encoded_part(const SimilarityRouterSpec& spec, std::string_view text);

/// Where the vectors of a file of examples, or of rows, are kept.
std::string vectors_beside(const std::string& file);

}  // namespace triage
