// A program finds its own machine code, to the byte as the audit saw it.
#include "kernels/image/embedded_cubins.hpp"

#include <elf.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <map>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace {

using peakproof::kernels::EmbeddedCubin;
using peakproof::kernels::find_cubins;

struct Row {
  const char* kernel;
  const char* arch;
  const char* sha256;
  const char* verdict;
  double overhead;
  const char* counts;
  const char* note;
};
const std::vector<Row>& audit_rows() {
  static const std::vector<Row> rows = {
#include "audit/table.inc"
  };
  return rows;
}

std::string sha256(std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EXPECT_EQ(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr), 1);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[digest[i] >> 4U];
    text += digits[digest[i] & 15U];
  }
  return text;
}

/// As C++ mangles it; a number may be of any integral type.
std::vector<std::string> mangled_argument(const std::string& argument) {
  const static std::map<std::string, std::string> fixed = {
      {"true", "Lb1E"}, {"false", "Lb0E"},     {"float", "f"},        {"double", "d"},
      {"int", "i"},     {"unsigned int", "j"}, {"unsigned long", "m"}};
  if (const auto found = fixed.find(argument); found != fixed.end()) return {found->second};
  if (argument.find_first_not_of("0123456789") != std::string::npos)
    return {std::to_string(argument.size()) + argument};
  std::vector<std::string> numbers;
  for (const char type : std::string_view("ijlmh")) numbers.push_back(std::string("L") + type + argument + "E");
  return numbers;
}

/// Whether a symbol is `kernel` as the audit names it: "fill_pattern", or "chain<Fp32Fma, 8, 64>".
bool is_kernel(const std::string& symbol, const std::string& kernel) {
  std::stringstream parts(kernel);
  std::string part;
  std::getline(parts, part, '<');
  const bool instance = !parts.eof();
  const std::string function = std::to_string(part.size()) + part + (instance ? "I" : "");
  std::size_t at = symbol.find(function);
  if (at == std::string::npos) return false;
  at += function.size();
  while (std::getline(parts >> std::ws, part, ',')) {
    if (part.back() == '>') part.pop_back();
    std::size_t end = std::string::npos;
    for (const std::string& argument : mangled_argument(part))
      if (const auto found = symbol.find(argument, at); found != std::string::npos)
        end = std::min(end, found + argument.size());
    if (end == std::string::npos) return false;
    at = end;
  }
  return true;
}

bool holds(const EmbeddedCubin& cubin, const std::string& kernel) {
  return std::any_of(cubin.kernels.begin(), cubin.kernels.end(),
                     [&](const std::string& name) { return is_kernel(name, kernel); });
}

class OwnCubins : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(image.empty());
    ASSERT_FALSE(cubins.empty());
  }
  std::vector<std::byte> image = peakproof::kernels::read_own_executable();
  std::vector<EmbeddedCubin> cubins = find_cubins(image);
};

TEST_F(OwnCubins, AreEveryKernelOnEveryArchitecture) {
  std::map<std::string, int> by_arch;
  for (const EmbeddedCubin& cubin : cubins) {
    EXPECT_TRUE(cubin.arch.starts_with("sm_")) << cubin.arch;
    if (holds(cubin, "Fp32Fma")) ++by_arch[cubin.arch];
  }
  for (const auto& [arch, count] : by_arch) {
    EXPECT_EQ(count, 1) << arch;
    for (const char* kernel : {"stream<Copy>", "wmma_gemm_fp16", "wgmma_gemm_bf16", "fill_pattern",
                               "wgmma_chain<WgmmaFp16Shared, 256, 8>", "chain<MmaF16K16, 8, 8>"}) {
      EXPECT_EQ(std::count_if(cubins.begin(), cubins.end(),
                              [&, &arch = arch](const auto& c) { return c.arch == arch && holds(c, kernel); }),
                1)
          << kernel << ' ' << arch;
    }
  }
}

TEST_F(OwnCubins, AreTheOnesThatWereAudited) {
  ASSERT_FALSE(audit_rows().empty()) << "the audit had no disassembler";
  std::map<std::string, const EmbeddedCubin*> by_sha256;
  for (const EmbeddedCubin& cubin : cubins) by_sha256[sha256(cubin.bytes)] = &cubin;
  std::set<std::string> audited;
  for (const Row& row : audit_rows()) {
    audited.insert(row.sha256);
    const auto found = by_sha256.find(row.sha256);
    ASSERT_NE(found, by_sha256.end()) << row.kernel << ' ' << row.arch << " is not in this program as it was audited";
    EXPECT_EQ(found->second->arch, row.arch);
    EXPECT_TRUE(holds(*found->second, row.kernel));
    if (const std::string verdict = row.verdict; verdict == "absent" || verdict == "unused") {
      EXPECT_STREQ(row.counts, "");
      continue;
    }
    EXPECT_STREQ(row.verdict, "audited") << row.note;
    EXPECT_TRUE(row.overhead == -1 || (row.overhead > 0 && row.overhead < 0.03)) << row.overhead;
    EXPECT_STRNE(row.counts, "");
  }
  // And each kernel of this program has its row.
  for (const EmbeddedCubin& cubin : cubins) {
    if (!holds(cubin, "Fp32Fma")) continue;
    EXPECT_TRUE(audited.contains(sha256(cubin.bytes))) << cubin.arch;
  }
}

TEST_F(OwnCubins, OneBitShows) {
  const std::vector<std::byte>& before = image;
  std::vector<std::byte> after = before;
  const EmbeddedCubin& cubin = cubins.front();
  after[cubin.offset + cubin.bytes.size() / 2] ^= std::byte{1};
  const auto changed = std::span<const std::byte>(after).subspan(cubin.offset, cubin.bytes.size());
  EXPECT_NE(sha256(changed), sha256(cubin.bytes));
}

/// A minimal cubin: a header, one section of code, the section names.
std::vector<std::byte> minimal_cubin(unsigned char abi, unsigned flags, const std::string& command = "") {
  const std::string names(std::string("\0.text.k\0.note.nv.tkinfo\0", 25));
  std::vector<std::byte> bytes(sizeof(Elf64_Ehdr) + 64 + 4 * sizeof(Elf64_Shdr));
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_ABIVERSION] = abi;
  header.e_machine = 190;
  header.e_flags = flags;
  header.e_shoff = sizeof(Elf64_Ehdr) + 64;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 4;
  header.e_shstrndx = 3;
  std::array<Elf64_Shdr, 4> sections{};
  sections[1].sh_name = 1;
  sections[1].sh_type = SHT_PROGBITS;
  sections[2].sh_name = 9;
  sections[2].sh_type = SHT_NOTE;
  sections[2].sh_offset = sizeof(Elf64_Ehdr) + 32;
  sections[2].sh_size = command.size();
  sections[3].sh_type = SHT_STRTAB;
  sections[3].sh_offset = sizeof(Elf64_Ehdr);
  sections[3].sh_size = names.size();
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::memcpy(bytes.data() + sizeof(header), names.data(), names.size());
  std::memcpy(bytes.data() + sizeof(header) + 32, command.data(), command.size());
  std::memcpy(bytes.data() + header.e_shoff, sections.data(), sizeof(sections));
  return bytes;
}

std::string arch_of(const std::vector<std::byte>& image) {
  const auto cubins = find_cubins(image);
  return cubins.size() == 1 ? cubins.front().arch : std::to_string(cubins.size()) + " cubins";
}

TEST(FindCubins, ReadsTheArchitecture) {
  // Flags as written by the assemblers of CUDA 12.4 to 12.9 (ABI 7) and 13.0 (ABI 8).
  EXPECT_EQ(arch_of(minimal_cubin(7, 0x4b0550)), "sm_80");
  EXPECT_EQ(arch_of(minimal_cubin(7, 0x5a055a)), "sm_90");
  EXPECT_EQ(arch_of(minimal_cubin(7, 0x5a0d5a)), "sm_90a");
  EXPECT_EQ(arch_of(minimal_cubin(8, 0x6004b04)), "sm_75");
  EXPECT_EQ(arch_of(minimal_cubin(8, 0x6005a04, "-arch sm_90a -m 64 ")), "sm_90a");
  EXPECT_EQ(arch_of(minimal_cubin(8, 0x6007802, "-v  -arch sm_120a")), "sm_120a");
  EXPECT_EQ(arch_of(minimal_cubin(8, 0x6007802, "-arch x")), "sm_120");
}

TEST(FindCubins, FindsThemAnywhereAndGivesTheirExtent) {
  const std::vector<std::byte> cubin = minimal_cubin(7, 0x4b0550);
  std::vector<std::byte> image(13, std::byte{0x7f});
  image.insert(image.end(), cubin.begin(), cubin.end());
  image.resize(image.size() + 5);
  image.insert(image.end(), cubin.begin(), cubin.end());
  const auto found = find_cubins(image);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].offset, 13U);
  EXPECT_EQ(found[1].offset, 18U + cubin.size());
  for (const EmbeddedCubin& one : found) {
    EXPECT_TRUE(std::equal(one.bytes.begin(), one.bytes.end(), cubin.begin(), cubin.end()));
    EXPECT_EQ(one.kernels, std::vector<std::string>{"k"});
  }
}

TEST(FindCubins, LeavesOutWhatIsCutOrNoCubin) {
  const std::vector<std::byte> cubin = minimal_cubin(7, 0x4b0550);
  for (std::size_t size = 0; size < cubin.size(); ++size) {
    EXPECT_TRUE(find_cubins(std::span(cubin).first(size)).empty()) << size;
  }
  std::vector<std::byte> other = cubin;
  other[offsetof(Elf64_Ehdr, e_machine)] = std::byte{62};  // x86-64
  EXPECT_TRUE(find_cubins(other).empty());
  std::vector<std::byte> wild = cubin;
  std::fill_n(wild.begin() + offsetof(Elf64_Ehdr, e_shoff), 8, std::byte{0xff});
  EXPECT_TRUE(find_cubins(wild).empty());
}

}  // namespace
