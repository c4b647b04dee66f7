#include "reports/gzip.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "reports/format.hpp"

namespace peakproof::reports {
namespace {

constexpr int kGzip = 16 + MAX_WBITS;  // zlib's way to ask for a gzip head and trailer

unsigned char* bytes_of(char* text) { return reinterpret_cast<unsigned char*>(text); }
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

[[noreturn]] void refuse(std::string_view what) {
  throw ReadError(fmt::format("the packed data are {}: get the page again", what));
}

/// An unpacker, given back on the way out.
class Inflater {
 public:
  explicit Inflater(std::string_view packed) {
    stream_.next_in = const_cast<unsigned char*>(bytes_of(packed));  // zlib only reads it
    stream_.avail_in = static_cast<unsigned>(packed.size());
    if (inflateInit2(&stream_, kGzip) != Z_OK) throw std::runtime_error("zlib does not start");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  Inflater(Inflater&&) = delete;
  Inflater& operator=(Inflater&&) = delete;
  ~Inflater() { inflateEnd(&stream_); }
  z_stream* get() { return &stream_; }

 private:
  z_stream stream_{};
};

}  // namespace

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int kMemoryLevel = 8;  // zlib's own
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib does not start");
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = const_cast<unsigned char*>(bytes_of(text));  // zlib only reads it
  stream.avail_in = static_cast<unsigned>(text.size());
  stream.next_out = bytes_of(packed.data());
  stream.avail_out = static_cast<unsigned>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib could not pack the data");
  return packed;
}

std::string gunzip(std::string_view packed, std::size_t most) {
  Inflater inflater(packed);
  z_stream& stream = *inflater.get();
  std::string text;
  std::array<char, 1U << 16U> part{};
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = bytes_of(part.data());
    stream.avail_out = static_cast<unsigned>(part.size());
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t got = part.size() - stream.avail_out;
    if (text.size() + got > most) refuse("longer than any report");
    text.append(part.data(), got);
    if (got == 0 && status == Z_OK) break;
  }
  if (status != Z_STREAM_END) refuse(status == Z_DATA_ERROR ? "damaged, or no gzip" : "cut off");
  if (stream.avail_in != 0) refuse("followed by something else");
  return text;
}

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP writes an end as well
  const int length = EVP_EncodeBlock(bytes_of(text.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string from_base64(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t end = text.find_last_not_of('=') + 1;  // of the letters; 0 where there are none
  const std::size_t padding = text.size() - end;
  const std::string_view letters = text.substr(0, end);
  if (text.size() % 4 != 0 || padding > 2 || letters.find_first_not_of(kLetters) != std::string_view::npos)
    refuse("no base64");
  std::string bytes(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(bytes_of(bytes.data()), bytes_of(text), static_cast<int>(text.size())) < 0) refuse("no base64");
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace peakproof::reports
