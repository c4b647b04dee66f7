#include "reports/utc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

namespace peakproof::reports {
namespace {

/// Takes digits off the front of a text, and what must stand between them.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  /// A number of exactly so many digits, from low to high.
  int number(std::size_t digits, int low, int high) {
    int value = -1;
    if (rest_.size() >= digits) {
      const char* end = rest_.data() + digits;
      const auto read = std::from_chars(rest_.data(), end, value);
      if (read.ec != std::errc() || read.ptr != end || rest_.front() == '-') value = -1;
    }
    good_ = good_ && value >= low && value <= high;
    rest_.remove_prefix(std::min(digits, rest_.size()));
    return value;
  }
  void expect(char c) {
    good_ = good_ && next() == c;
    skip();
  }
  [[nodiscard]] char next() const { return rest_.empty() ? '\0' : rest_.front(); }
  void skip() { rest_.remove_prefix(rest_.empty() ? 0 : 1); }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool done() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

double fraction(Reader& reader) {
  double value = 0;
  double place = 0.1;
  while (reader.good() && reader.next() >= '0' && reader.next() <= '9') {
    value += place * (reader.next() - '0');
    place /= 10;
    reader.skip();
  }
  return value;
}

/// Of "+01:00", "-0330" or "Z"; the reader is no longer good where there is none.
int offset_seconds(Reader& reader) {
  if (reader.next() == 'Z') {
    reader.skip();
    return 0;
  }
  const int sign = reader.next() == '-' ? -1 : 1;
  if (sign > 0)
    reader.expect('+');
  else
    reader.skip();
  const int hours = reader.number(2, 0, 23);
  if (reader.next() == ':') reader.skip();
  return sign * (3600 * hours + 60 * reader.number(2, 0, 59));
}

}  // namespace

std::optional<double> utc_seconds(std::string_view text) {
  using namespace std::chrono;
  Reader reader(text);
  const int y = reader.number(4, 1, 9999);
  reader.expect('-');
  const int m = reader.number(2, 1, 12);
  reader.expect('-');
  const int d = reader.number(2, 1, 31);
  reader.expect('T');
  const int hour = reader.number(2, 0, 23);
  reader.expect(':');
  const int minute = reader.number(2, 0, 59);
  reader.expect(':');
  double second = reader.number(2, 0, 60);  // 60: a leap second
  if (reader.next() == '.') {
    reader.skip();
    second += fraction(reader);
  }
  const int offset = offset_seconds(reader);
  const year_month_day date{year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d))};
  if (!reader.done() || !date.ok()) return std::nullopt;
  const auto days = sys_days(date).time_since_epoch().count();
  return 86400.0 * static_cast<double>(days) + 3600.0 * hour + 60.0 * minute + second - offset;
}

std::string utc_text(double seconds) {
  using namespace std::chrono;
  const auto whole = static_cast<long long>(std::floor(seconds));
  const auto count = static_cast<int>((whole % 86400 + 86400) % 86400);
  const sys_days midnight{days(static_cast<int>((whole - count) / 86400))};
  const year_month_day date(midnight);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), count / 3600,
                     count / 60 % 60, count % 60);
}

}  // namespace peakproof::reports
