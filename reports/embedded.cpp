#include "reports/embedded.hpp"

#include <fmt/format.h>

#include "reports/format.hpp"
#include "reports/gzip.hpp"
#include "reports/sha256.hpp"

namespace peakproof::reports {
namespace {

constexpr std::string_view kId = R"( id="peakproof-report" data-sha256=")";
constexpr std::string_view kPlain = R"(<script type="application/json")";
constexpr std::string_view kPacked = R"(<script type="application/gzip")";
constexpr std::string_view kEnd = "</script>";
constexpr std::size_t kDigits = 64;  // of a SHA-256

std::string in_one_line(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";               // in JSON it can stand in a string alone
    else if (c != '\n' && c != '\r')  // between tokens; in a string they are escaped
      out += c;
  }
  return out;
}

}  // namespace

EmbeddedJson embed_json(const Report& report, std::size_t max_bytes) {
  const auto block = [](std::string_view kind, const std::string& json, std::string_view data) {
    EmbeddedJson out;
    out.sha256 = sha256(json);
    out.bytes = json.size();
    out.packed = kind == kPacked;
    out.samples_withheld = json.find("\"samples_withheld\":true") != std::string::npos;
    out.html = fmt::format("{}{}{}\">{}{}\n", kind, kId, out.sha256, data, kEnd);
    return out;
  };
  if (const std::string json = in_one_line(compact_json(report, max_bytes)); json.size() <= max_bytes)
    return block(kPlain, json, json);
  // Packing makes a report smaller by some factor that its timelines and samples decide: with less of them it is tried
  // again.
  std::size_t before = 0;
  for (const std::size_t factor : {8U, 6U, 4U, 2U}) {
    const std::string json = in_one_line(compact_json(report, factor * max_bytes));
    if (max_bytes == 0 || json.size() == before) continue;
    before = json.size();
    if (const std::string data = base64(gzip(json)); data.size() <= max_bytes) return block(kPacked, json, data);
  }
  EmbeddedJson none;
  const std::string json = to_json(report);
  none.sha256 = sha256(json);
  none.bytes = json.size();
  return none;
}

std::string embedded_json(std::string_view html) {
  const std::size_t id = html.find(kId);
  if (id == std::string_view::npos)
    throw ReadError("this HTML page holds no report of PeakProof: give the JSON that was written with it");
  if (html.find(kId, id + 1) != std::string_view::npos)
    throw ReadError("this HTML page holds more than one report: which one is meant cannot be told");
  const bool packed = html.substr(0, id).ends_with(kPacked);
  if (!packed && !html.substr(0, id).ends_with(kPlain))
    throw ReadError("the report in this HTML page is of an unknown kind");
  const std::string_view rest = html.substr(id + kId.size());
  const std::size_t end = rest.find(kEnd);
  if (end == std::string_view::npos || end < kDigits + 2 || rest.substr(kDigits, 2) != "\">")
    throw ReadError("the report in this HTML page is cut off: take the page as PeakProof wrote it");
  const std::string_view data = rest.substr(kDigits + 2, end - kDigits - 2);
  std::string json = packed ? gunzip(from_base64(data)) : std::string(data);
  if (sha256(json) != rest.substr(0, kDigits))
    throw ReadError("the report in this HTML page was changed: its SHA-256 is not the one that stands beside it");
  return json;
}

std::string json_of(std::string text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text[first] == '<' ? embedded_json(text) : text;
}

}  // namespace peakproof::reports
