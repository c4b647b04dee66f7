// A policy as JSON with // and /* */ comments, read strictly: whatever is not understood is refused with its line.
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "reports/format.hpp"
#include "reports/policy.hpp"
#include "reports/sha256.hpp"

namespace peakproof::reports {
namespace {

using Json = nlohmann::json;

/// Of every value in a JSON text that is known to be well-formed, the line on which it begins, by its JSON pointer; finds a
/// key that stands twice, which a parser lets pass.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) { value(""); }
  [[nodiscard]] int of(const std::string& pointer) const {
    const auto found = lines_.find(pointer);
    return found == lines_.end() ? 1 : found->second;
  }

 private:
  [[nodiscard]] char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void step() {
    if (here() == '\n') ++line_;
    ++at_;
  }
  void skip_to(std::string_view end) {
    while (at_ < text_.size() && text_.substr(at_, end.size()) != end) step();
    for (std::size_t i = 0; i < end.size(); ++i) step();
  }
  void space() {
    while (at_ < text_.size()) {
      const std::string_view two = text_.substr(at_, 2);
      if (two == "//") {
        skip_to("\n");
      } else if (two == "/*") {
        step();
        step();
        skip_to("*/");
      } else if (std::string_view(" \t\r\n").find(here()) != std::string_view::npos) {
        step();
      } else {
        return;
      }
    }
  }
  std::string text() {
    const std::size_t begin = at_;
    step();
    while (at_ < text_.size() && here() != '"') {
      if (here() == '\\') step();
      step();
    }
    step();
    return Json::parse(text_.substr(begin, at_ - begin)).get<std::string>();
  }
  void members(const std::string& pointer) {
    for (step(), space(); at_ < text_.size() && here() != '}'; space()) {
      const int line = line_;
      const std::string key = text();
      const std::string member = fmt::format("{}/{}", pointer, key);
      if (lines_.contains(member))
        throw ReadError(fmt::format("policy, line {}: the key \"{}\" stands twice", line, key));
      space();
      step();  // :
      value(member);
      space();
      if (here() == ',') step();
    }
    step();
  }
  void elements(const std::string& pointer) {
    std::size_t index = 0;
    for (step(), space(); at_ < text_.size() && here() != ']'; space()) {
      value(fmt::format("{}/{}", pointer, index++));
      space();
      if (here() == ',') step();
    }
    step();
  }
  void value(const std::string& pointer) {
    constexpr int kDeepest = 16;
    space();
    lines_[pointer] = line_;
    if (++depth_ > kDeepest) throw ReadError(fmt::format("policy, line {}: nested too deep", line_));
    if (here() == '{') {
      members(pointer);
    } else if (here() == '[') {
      elements(pointer);
    } else if (here() == '"') {
      text();
    } else {
      while (at_ < text_.size() && std::string_view(",]} \t\r\n/").find(here()) == std::string_view::npos) step();
    }
    --depth_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int depth_ = 0;
  std::map<std::string, int> lines_;
};

/// An object of the policy, whose fields must all be asked for.
class Fields {
 public:
  Fields(const Json& json, std::string pointer, const Lines& lines)
      : json_(json), pointer_(std::move(pointer)), lines_(lines) {
    if (!json.is_object()) fail("", "must be an object");
  }

  [[noreturn]] void fail(const std::string& field, std::string_view problem) const {
    const std::string pointer = field.empty() ? pointer_ : pointer_ + "/" + field;
    std::string name = pointer.empty() ? "the policy" : pointer.substr(1);
    throw ReadError(fmt::format("policy, line {}, {}: {}", lines_.of(pointer), name, problem));
  }
  [[nodiscard]] const Json* find(const std::string& field) {
    asked_.insert(field);
    const auto found = json_.find(field);
    return found == json_.end() ? nullptr : &*found;
  }
  [[nodiscard]] std::string text(const std::string& field, std::optional<std::string> absent = std::nullopt) {
    const Json* value = find(field);
    if (!value && absent) return *absent;
    if (!value) fail(field, "is missing; a text is expected");
    if (!value->is_string()) fail(field, "must be a text");
    auto text = value->get<std::string>();
    if (text.empty() && !absent) fail(field, "must not be empty");
    return text;
  }
  [[nodiscard]] std::optional<double> number(const std::string& field) {
    const Json* value = find(field);
    if (!value) return std::nullopt;
    if (!value->is_number()) fail(field, "must be a number");
    const auto number = value->get<double>();
    if (!std::isfinite(number)) fail(field, "must be finite");
    return number;
  }
  [[nodiscard]] bool flag(const std::string& field, bool absent) {
    const Json* value = find(field);
    if (!value) return absent;
    if (!value->is_boolean()) fail(field, "must be true or false");
    return value->get<bool>();
  }
  [[nodiscard]] std::vector<std::string> texts(const std::string& field) {
    std::vector<std::string> out;
    const Json* value = find(field);
    if (!value) return out;
    if (!value->is_array() || value->empty()) fail(field, "must be an array of texts, and not empty");
    for (const Json& entry : *value) {
      if (!entry.is_string() || entry.get_ref<const std::string&>().empty()) fail(field, "must hold nothing but texts");
      out.push_back(entry.get<std::string>());
    }
    return out;
  }
  void refuse_others() const {
    for (const auto& [key, value] : json_.items())
      if (!asked_.contains(key)) fail(key, "is no field of a policy here (a slip of the pen?)");
  }

 private:
  const Json& json_;
  std::string pointer_;
  const Lines& lines_;
  std::set<std::string> asked_;
};

Rule read_rule(Fields fields) {
  Rule rule;
  rule.id = fields.text("id");
  const std::string measure = fields.text("measure");
  const auto known = measure_from_name(measure);
  if (!known)
    fields.fail("measure",
                "is none of issue, spec, clock, absolute, peer, baseline, reason, counter, state, "
                "event, correctness, validity");
  rule.measure = *known;
  rule.subject = fields.text("subject", "*");
  if (rule.subject.empty()) fields.fail("subject", "must not be empty; * stands for everything");
  rule.architectures = fields.texts("architectures");
  rule.fail_below = fields.number("fail_below");
  rule.warn_below = fields.number("warn_below");
  rule.fail_above = fields.number("fail_above");
  rule.warn_above = fields.number("warn_above");
  rule.unit = fields.text("unit", "");
  rule.allowed = fields.texts("allowed");
  rule.reference = fields.text("reference", "");
  rule.least_z = fields.number("least_z");
  rule.condition = fields.text("condition", "");
  const std::string outcome = fields.text("outcome", "fail");
  if (outcome != "fail" && outcome != "error") fields.fail("outcome", R"(must be "fail" or "error")");
  rule.outcome = *status_from_name(outcome);
  rule.required = fields.flag("required", true);
  rule.device_fault = fields.flag("device_fault", false);
  rule.code = fields.text("code");
  rule.source = fields.text("source");
  fields.refuse_others();
  return rule;
}

Json parsed(std::string_view text) {
  try {
    constexpr bool with_exceptions = true;
    constexpr bool ignore_comments = true;
    return Json::parse(text, nullptr, with_exceptions, ignore_comments);
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 3, column 5: …": what stands behind the bracket is for people.
    const std::string_view what = error.what();
    const std::size_t bracket = what.find("] ");
    throw ReadError(fmt::format("policy: {}", bracket == std::string_view::npos ? what : what.substr(bracket + 2)));
  }
}

}  // namespace

Policy read_policy(std::string_view text) {
  const Json json = parsed(text);
  const Lines lines(text);
  Fields fields(json, "", lines);
  const std::string schema = fields.text("schema");
  if (!schema.starts_with("1.")) fields.fail("schema", "is of another major version than 1, which this program reads");
  Policy policy{.name = fields.text("name"),
                .version = fields.text("version"),
                .text = std::string(text),
                .sha256 = sha256(text),
                .rules = {}};
  if (const auto retests = fields.number("retests")) {
    constexpr double kMost = 2;  // two of three decide
    if (!(*retests >= 0 && *retests <= kMost) || *retests != std::floor(*retests))
      fields.fail("retests", "must be 0, 1 or 2");
    policy.retests = static_cast<int>(*retests);
  }
  if (const auto seconds = fields.number("cool_down_s")) {
    constexpr double kLongest = 3600;
    if (!(*seconds >= 0 && *seconds <= kLongest)) fields.fail("cool_down_s", "must be 0 to 3600 seconds");
    policy.cool_down_s = *seconds;
  }
  const Json* rules = fields.find("rules");
  if (!rules || !rules->is_array()) fields.fail("rules", "must be an array of rules");
  std::set<std::string> ids;
  for (std::size_t i = 0; i < rules->size(); ++i) {
    Fields rule((*rules)[i], fmt::format("/rules/{}", i), lines);
    policy.rules.push_back(read_rule(rule));
    if (!ids.insert(policy.rules.back().id).second)
      rule.fail("id", fmt::format("\"{}\" is the id of an earlier rule too", policy.rules.back().id));
  }
  fields.refuse_others();
  return policy;
}

}  // namespace peakproof::reports
