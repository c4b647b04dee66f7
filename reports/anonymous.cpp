// Takes out of a report what tells whose machine it is. Every text is looked through, not only the fields that are
// meant to hold such a thing: an error note may hold a path, a parameter a UUID.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reports/format.hpp"
#include "reports/sha256.hpp"

namespace peakproof::reports {
namespace {

constexpr std::string_view kWithheld = "withheld";
constexpr std::size_t kShortestSecret = 3;  // a fact such as "0" or "no" stands in many innocent texts

bool alphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// Length of the match of a pattern at a place ('h': a hexadecimal digit, else the character itself); 0 if none. The
/// match must not be a part of a longer run of letters and digits.
std::size_t match(std::string_view text, std::size_t at, std::string_view pattern) {
  if (at + pattern.size() > text.size() || (at > 0 && alphanumeric(text[at - 1]))) return 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = text[at + i];
    if (pattern[i] == 'h' ? std::isxdigit(static_cast<unsigned char>(c)) == 0 : c != pattern[i]) return 0;
  }
  const std::size_t end = at + pattern.size();
  return end < text.size() && alphanumeric(text[end]) ? 0 : pattern.size();
}

/// UUIDs and PCI addresses.
std::string without_identifiers(std::string_view text) {
  static constexpr std::array<std::string_view, 5> kPatterns = {
      "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh", "hhhhhhhh:hh:hh.h", "hhhh:hh:hh.h", "hhhhhhhh:hh:hh", "hh:hh.h"};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 0;
    for (const std::string_view pattern : kPatterns) length = std::max(length, match(text, i, pattern));
    if (length == 0) {
      out += text[i++];
    } else {
      out += kWithheld;
      i += length;
    }
  }
  return out;
}

/// The text with every occurrence of the word replaced, where it is no part of a longer word.
std::string without_word(std::string_view text, std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = i + word.size();
    const bool found = text.substr(i, word.size()) == word && (i == 0 || !alphanumeric(text[i - 1])) &&
                       (end >= text.size() || !alphanumeric(text[end]));
    if (found) {
      out += kWithheld;
      i = end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

bool ends_path(char c) { return std::string_view(" \t\r\n\"'`,;()[]{}<>|=").find(c) != std::string_view::npos; }

std::string_view file_name(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_path(std::string_view word) {
  if (word.find("://") != std::string_view::npos) return word.starts_with("file:");
  return (word.size() > 1 && word.starts_with('/')) || word.starts_with("~") || word.starts_with("./") ||
         word.starts_with("../") || word.find(":/") != std::string_view::npos;
}

/// Each path in the text reduced to its last part. A slash in "FLOP/clk" makes no path; with `any_slash` (a command
/// line) it does.
std::string without_folders(std::string_view text, bool any_slash) {
  std::string out;
  while (!text.empty()) {
    // What opens a comment of a policy is no path.
    if (!any_slash && (text.starts_with("//") || text.starts_with("/*"))) {
      out += text.substr(0, 2);
      text.remove_prefix(2);
      continue;
    }
    std::size_t length = 0;
    while (length < text.size() && !ends_path(text[length])) ++length;
    const std::string_view word = text.substr(0, length);
    const bool path = is_path(word) || (any_slash && word.find('/') != std::string_view::npos);
    out += path ? file_name(word) : word;
    if (length < text.size()) out += text[length++];
    text.remove_prefix(length);
  }
  return out;
}

/// The user name of a home folder named in the text.
void learn_users(std::string_view text, std::vector<std::string>& secrets) {
  for (const std::string_view home : {"/home/", "/Users/"}) {
    for (std::size_t at = text.find(home); at != std::string_view::npos; at = text.find(home, at + 1)) {
      const std::size_t begin = at + home.size();
      std::size_t end = begin;
      while (end < text.size() && text[end] != '/' && !ends_path(text[end])) ++end;
      if (end > begin) secrets.emplace_back(text.substr(begin, end - begin));
    }
  }
}

/// Whether a fact of this name is withheld as a whole: one of its words says so ("gpu_serial", not "pcie_gen").
bool secret_key(std::string_view key) {
  static constexpr std::array<std::string_view, 17> kWords = {"serial",   "uuid", "pci",      "bdf",  "busid", "user",
                                                              "username", "host", "hostname", "path", "file",  "folder",
                                                              "dir",      "cwd",  "home",     "mac",  "ip"};
  std::string word;
  const auto secret = [&] { return std::find(kWords.begin(), kWords.end(), word) != kWords.end(); };
  for (const char c : key) {
    if (alphanumeric(c)) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else {
      if (secret()) return true;
      word.clear();
    }
  }
  return secret();
}

template <typename Visit>
void each_text(Texts& texts, const Visit& visit) {
  for (auto& [key, value] : texts) visit(value);
}

template <typename Visit>
void each_text(Inference& inference, const Visit& visit) {
  for (std::string* text : {&inference.network, &inference.precision}) visit(*text);
  each_text(inference.ceilings, visit);
  for (LayerRun& layer : inference.layers) visit(layer.name);
}

template <typename Visit>
void each_text(Result& result, const Visit& visit) {
  each_text(result.params, visit);
  visit(result.note);
  visit(result.audit.kernel);
  visit(result.audit.note);
  visit(result.verification.method);
  for (WrongUnit& unit : result.verification.wrong_units) visit(unit.example);
  for (Loss& loss : result.losses) visit(loss.evidence);
  if (result.floor) visit(result.floor->source);
  if (result.reference) visit(result.reference->name);
  if (result.inference) each_text(*result.inference, visit);
  if (result.training)
    for (std::string* text : {&result.training->network, &result.training->data}) visit(*text);
}

template <typename Visit>
void each_text(Health& health, const Visit& visit) {
  visit(health.source);
  visit(health.why);
  for (Counter& counter : health.counters) visit(counter.why);
  for (HealthEvent& event : health.events) visit(event.text);
}

/// Calls visit with every text of the report and its members that may come from outside, but for the command lines.
template <typename Visit>
void each_text(Report& report, const Visit& visit) {
  each_text(report.tool.facts, visit);
  each_text(report.device.facts, visit);
  for (std::string* text : {&report.tool.version, &report.tool.commit, &report.tool.compiler, &report.tool.build_type,
                            &report.host.os, &report.host.cpu, &report.device.spec.name}) {
    visit(*text);
  }
  for (auto* list : {&report.completeness.planned, &report.completeness.missing}) {
    for (std::string& text : *list) visit(text);
  }
  for (Result& result : report.results) each_text(result, visit);
  if (report.health) each_text(*report.health, visit);
  if (report.acceptance) {
    for (std::string* text :
         {&report.acceptance->policy_name, &report.acceptance->policy_text, &report.acceptance->claim}) {
      visit(*text);
    }
  }
  for (Check& check : report.checks)
    for (std::string* text : {&check.id, &check.subject, &check.message, &check.source}) visit(*text);
  for (Report& member : report.members) each_text(member, visit);
}

/// Calls visit with the report and all of its members.
template <typename Visit>
void each_report(Report& report, const Visit& visit) {
  visit(report);
  for (Report& member : report.members) each_report(member, visit);
}

std::vector<std::string> secrets_of(Report& whole) {
  std::vector<std::string> secrets;
  each_report(whole, [&](const Report& report) {
    if (!report.host.name.empty()) {
      secrets.push_back(report.host.name);
      secrets.push_back(report.host.name.substr(0, report.host.name.find('.')));
    }
    for (const Texts* facts : {&report.tool.facts, &report.device.facts}) {
      for (const auto& [key, value] : *facts) {
        if (secret_key(key) && value.size() >= kShortestSecret) secrets.push_back(value);
      }
    }
    for (const std::string& argument : report.argv) learn_users(argument, secrets);
  });
  each_text(whole, [&](const std::string& text) { learn_users(text, secrets); });
  std::erase_if(secrets, [](const std::string& text) { return text.empty() || text == kWithheld; });
  // The longest first, so that a part of it is not replaced before the whole.
  std::sort(secrets.begin(), secrets.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  secrets.erase(std::unique(secrets.begin(), secrets.end()), secrets.end());
  return secrets;
}

/// An id that tells this run from others, and that only who knows the old one can link with it: a UUID of version 8, which
/// leaves its digits to the maker (RFC 9562, section 5.8), from a hash of the old.
std::string other_id(const std::string& id) {
  if (id.empty()) return id;
  const std::string hash = sha256("PeakProof anonymous " + id);
  return hash.substr(0, 8) + "-" + hash.substr(8, 4) + "-8" + hash.substr(13, 3) + "-8" + hash.substr(17, 3) + "-" +
         hash.substr(20, 12);
}

}  // namespace

Report anonymous(Report whole) {
  const std::vector<std::string> secrets = secrets_of(whole);
  const auto scrub = [&](std::string& text, bool command_line) {
    text = without_identifiers(without_folders(text, command_line));
    for (const std::string& secret : secrets) text = without_word(text, secret);
  };
  each_text(whole, [&](std::string& text) { scrub(text, false); });
  each_report(whole, [&](Report& report) {
    for (std::string& argument : report.argv) scrub(argument, true);
    for (Texts* facts : {&report.tool.facts, &report.device.facts}) {
      for (auto& [key, value] : *facts) {
        if (secret_key(key)) value = kWithheld;
      }
    }
    if (!report.host.name.empty()) report.host.name = kWithheld;
    if (!report.anonymous) report.run_id = other_id(report.run_id);
    report.anonymous = true;
  });
  return whole;
}

}  // namespace peakproof::reports
