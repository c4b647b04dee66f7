// A baseline as a sealed JSON file (reports/baseline.schema.json).
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "reports/baseline.hpp"
#include "reports/format.hpp"
#include "reports/json_node.hpp"
#include "reports/sha256.hpp"

namespace peakproof::reports {
namespace {

using Json = nlohmann::ordered_json;
using Node = JsonNode<Json>;

constexpr std::string_view kBaselineSchema = "1.0.0";
constexpr std::string_view kKind = "peakproof baseline";
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kFewestReports = 3;
constexpr int kFewestForInterval = 6;  // below it an interval has no ends, and both are null

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }
Json number(const std::optional<double>& x) { return x ? number(*x) : Json(nullptr); }
Json encode(const Interval& i) { return {{"low", number(i.low)}, {"high", number(i.high)}}; }

Json encode(const BaselineEntry& e) {
  return {{"subject", e.subject},
          {"unit", e.unit},
          {"count", e.count},
          {"outliers", e.outliers},
          {"issue", number(e.issue)},
          {"issue_ci95", e.issue ? encode(e.issue_ci95) : Json(nullptr)},
          {"issue_spread", e.issue ? number(e.issue_spread) : Json(nullptr)},
          {"achieved_per_s", number(e.achieved_per_s)},
          {"achieved_ci95", encode(e.achieved_ci95)},
          {"achieved_spread", number(e.achieved_spread)}};
}

Json encode(const Baseline& b) {
  Json entries = Json::array();
  for (const BaselineEntry& entry : b.entries) entries.push_back(encode(entry));
  return {{"kind", kKind},
          {"schema", kBaselineSchema},
          {"created", b.created},
          {"tool_version", b.tool_version},
          {"device",
           {{"name", b.device},
            {"compute_capability", b.compute_capability},
            {"sm_count", b.sm_count},
            {"stand_in", b.stand_in},
            {"driver", b.driver},
            {"power_limit_w", number(b.power_limit_w)},
            {"ecc", b.ecc}}},
          {"run_ids", b.run_ids},
          {"entries", entries}};
}

/// Over the values and their order, not over blanks: a file that was only indented anew is the same baseline.
std::string seal(Json json) {
  json.erase("sha256");
  return sha256(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

double positive(const Node& n) {
  const double x = n.number();
  if (!(std::isfinite(x) && x > 0)) n.fail("a number above 0");
  return x;
}

double spread(const Node& n) {
  const double x = n.number();
  if (!(std::isfinite(x) && x >= 0)) n.fail("a number of 0 or more");
  return x;
}

Interval read_interval(const Node& n, double median, int count) {
  const bool few = count < kFewestForInterval;
  const Interval interval{n.at("low").number(few ? -kInfinity : std::nan("")),
                          n.at("high").number(few ? kInfinity : std::nan(""))};
  if (!(interval.low <= median && median <= interval.high)) n.fail("an interval around the median");
  if (few && (std::isfinite(interval.low) || std::isfinite(interval.high)))
    n.fail(fmt::format("no ends, below {} reports", kFewestForInterval));
  return interval;
}

BaselineEntry read_entry(const Node& n) {
  BaselineEntry e{.subject = n.at("subject").text(),
                  .unit = n.at("unit").text(),
                  .count = n.at("count").integer(),
                  .outliers = n.at("outliers").integer(),
                  .issue = n.at("issue").maybe(positive),
                  .achieved_per_s = positive(n.at("achieved_per_s")),
                  .achieved_spread = spread(n.at("achieved_spread"))};
  if (e.subject.empty()) n.at("subject").fail("the name of a result");
  if (e.unit.empty()) n.at("unit").fail("a unit");
  if (e.count < kFewestReports) n.at("count").fail(fmt::format("{} reports or more", kFewestReports));
  if (e.outliers < 0) n.at("outliers").fail("a count");
  if (e.issue) {
    // The limit of create_baseline: more is no efficiency.
    if (*e.issue > 1.05) n.at("issue").fail("at most 1.05, a fraction of the peak");
    e.issue_ci95 = read_interval(n.at("issue_ci95"), *e.issue, e.count);
    e.issue_spread = spread(n.at("issue_spread"));
  }
  e.achieved_ci95 = read_interval(n.at("achieved_ci95"), e.achieved_per_s, e.count);
  return e;
}

Baseline read(const Node& n) {
  if (!n.has("kind") || n.at("kind").text() != kKind)
    throw ReadError("kind: not a baseline; make one with peakproof baseline create");
  const std::string version = n.at("schema").text();
  const auto major = [](std::string_view text) { return text.substr(0, text.find('.')); };
  if (major(version) != major(kBaselineSchema))
    n.at("schema").fail(fmt::format("version {}.x (read it with the PeakProof that wrote it)", major(kBaselineSchema)));
  const Node device = n.at("device");
  Baseline b{.created = n.at("created").text(),
             .tool_version = n.at("tool_version").text(),
             .device = device.at("name").text(),
             .compute_capability = device.at("compute_capability").text(),
             .sm_count = device.at("sm_count").integer(),
             .stand_in = device.at("stand_in").boolean(),
             .driver = device.at("driver").text(),
             .power_limit_w = device.at("power_limit_w").maybe(positive),
             .ecc = device.at("ecc").text(),
             .run_ids = n.at("run_ids").list([](const Node& id) { return id.text(); }),
             .entries = n.at("entries").list(read_entry),
             .sha256 = n.at("sha256").text()};
  if (b.entries.empty()) n.at("entries").fail("at least one entry");
  std::set<std::string> subjects;
  for (const BaselineEntry& entry : b.entries)
    if (!subjects.insert(entry.subject).second)
      throw ReadError(fmt::format("baseline.entries: {} is there twice", one_line(entry.subject)));
  return b;
}

}  // namespace

std::string to_json(const Baseline& baseline) {
  Json json = encode(baseline);
  json["sha256"] = seal(json);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Baseline read_baseline(std::string_view text) try {
  const Json json = parse<Json>(text);
  Baseline baseline = read(Node(json, "baseline"));
  if (const std::string found = seal(json); found != baseline.sha256)
    throw ReadError(
        fmt::format("baseline.sha256: the seal is broken, the file was changed after it was made (it says {}, "
                    "its contents give {}): take the original, or make it anew",
                    shortened(baseline.sha256), found));
  return baseline;
} catch (const Malformed& error) {
  throw ReadError(error.what());
}

}  // namespace peakproof::reports
