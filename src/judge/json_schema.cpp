// `json_schema`: the answer is JSON and satisfies a schema.
#include "json/json_schema.hpp"

#include "judge/graders.hpp"
#include "options/type_of.hpp"

namespace triage {

void describe(options::Describer& v, JsonSchemaGraderSpec& s) {
  v.field({.name = "schema", .text = "as JSON", .shown_default = "the one that the request asks for"}, s.schema);
  judge::describe_common(v, s);
}

namespace judge {
namespace {

class JsonSchemaGrader final : public Grader {
 public:
  explicit JsonSchemaGrader(const JsonSchemaGraderSpec& spec) : spec_(spec) {}
  Grade grade(const Sample& sample, const std::atomic<bool>* /*given_up*/) const override {
    const std::string& schema = spec_.schema.empty() ? sample.schema : spec_.schema;
    if (schema.empty()) return {std::nullopt, "there is no schema", {}};
    if (!verify::is_json(sample.answer.text, false)) return {0, "it is not JSON", {}};
    const auto problem = verify::schema_problem(schema, sample.answer.text);
    return {problem ? 0.0 : 1.0, problem.value_or("it satisfies the schema"), {}};
  }

 private:
  const JsonSchemaGraderSpec& spec_;
};

}  // namespace

extern const GraderKind json_schema_grader{
    .is = options::kind_of<JsonSchemaGraderSpec>("json_schema", "the answer is JSON and satisfies a schema"),
    .check =
        [](const options::Checking& in, const options::Path& at, const std::any& options) {
          const auto& spec = options::options_as<JsonSchemaGraderSpec>(options);
          if (!spec.schema.empty() && !verify::is_json(spec.schema, true))
            in.error(at / "schema", to_string(at / "schema") + " is no JSON object", "write a JSON Schema");
        },
    .common = common_of<JsonSchemaGraderSpec>,
    .settings = [](const std::any& options) -> std::string {
      return options::options_as<JsonSchemaGraderSpec>(options).schema;
    },
    .make = [](const std::any& options) -> std::unique_ptr<Grader> {
      return std::make_unique<JsonSchemaGrader>(options::options_as<JsonSchemaGraderSpec>(options));
    },
};

}  // namespace judge
}  // namespace triage
