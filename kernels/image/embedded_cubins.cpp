#include "kernels/image/embedded_cubins.hpp"

#include <elf.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

namespace peakproof::kernels {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint16_t kCudaMachine = 190;  // EM_CUDA
constexpr std::string_view kText = ".text.";
constexpr std::string_view kToolInfo = ".note.nv.tkinfo";  // the assembler's command line
constexpr std::string_view kArchOption = "-arch ";

/// A record of the image, or nothing where it would reach beyond the end.
template <typename Record>
std::optional<Record> record_at(Bytes bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(Record)) return std::nullopt;
  Record record;
  std::memcpy(&record, bytes.data() + offset, sizeof(Record));
  return record;
}

Bytes part(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset > bytes.size() || bytes.size() - offset < size) return {};
  return bytes.subspan(offset, size);
}

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};  // NOLINT: bytes seen as characters
}

/// The zero-terminated text at `offset` of a string table.
std::string_view name_at(Bytes table, std::uint64_t offset) {
  const std::string_view text = as_text(table);
  if (offset >= text.size()) return {};
  const std::string_view from = text.substr(offset);
  return from.substr(0, from.find('\0'));
}

/// "sm_90a" out of the assembler's command line, or nothing.
std::string arch_of_command(std::string_view command) {
  const std::size_t option = command.find(kArchOption);
  if (option == std::string_view::npos) return {};
  const std::string_view value = command.substr(option + kArchOption.size());
  const auto end = std::find_if(value.begin(), value.end(),
                                [](unsigned char letter) { return std::isalnum(letter) == 0 && letter != '_'; });
  std::string arch(value.begin(), end);
  return arch.starts_with("sm_") ? arch : std::string{};
}

/// The architecture by the ELF header's flags. Up to CUDA 12 (ABI 7) the lowest byte is the architecture and bit 11
/// marks the `a` variant; from ABI 8 on it is the second byte, and only the command line tells the variant.
std::string arch_of_flags(const Elf64_Ehdr& header) {
  constexpr std::uint32_t accelerated = 0x800;
  if (header.e_ident[EI_ABIVERSION] >= 8) return "sm_" + std::to_string((header.e_flags >> 8U) & 0xFFU);
  return "sm_" + std::to_string(header.e_flags & 0xFFU) + ((header.e_flags & accelerated) != 0 ? "a" : "");
}

/// The cubin that begins the bytes, or nothing where they are none or it is damaged.
std::optional<EmbeddedCubin> cubin_at_start(Bytes bytes) {
  const auto header = record_at<Elf64_Ehdr>(bytes, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
      header->e_machine != kCudaMachine || header->e_shentsize != sizeof(Elf64_Shdr)) {
    return std::nullopt;
  }
  const std::uint64_t end_of_sections = header->e_shoff + std::uint64_t{header->e_shnum} * sizeof(Elf64_Shdr);
  const std::uint64_t end_of_segments = header->e_phoff + std::uint64_t{header->e_phnum} * header->e_phentsize;
  auto size = std::max<std::uint64_t>({sizeof(Elf64_Ehdr), end_of_sections, end_of_segments});
  const auto section = [&](std::uint64_t index) {
    return record_at<Elf64_Shdr>(bytes, header->e_shoff + index * sizeof(Elf64_Shdr));
  };
  const auto names_section = section(header->e_shstrndx);
  if (!names_section || header->e_shoff > bytes.size()) return std::nullopt;
  const Bytes names = part(bytes, names_section->sh_offset, names_section->sh_size);

  EmbeddedCubin cubin;
  for (std::uint64_t index = 0; index < header->e_shnum; ++index) {
    const auto found = section(index);
    if (!found) return std::nullopt;
    if (found->sh_type == SHT_NOBITS || found->sh_type == SHT_NULL) continue;
    if (found->sh_offset > bytes.size() || found->sh_size > bytes.size() - found->sh_offset) return std::nullopt;
    size = std::max<std::uint64_t>(size, found->sh_offset + found->sh_size);
    const std::string_view name = name_at(names, found->sh_name);
    if (name.starts_with(kText)) cubin.kernels.emplace_back(name.substr(kText.size()));
    if (name == kToolInfo) cubin.arch = arch_of_command(as_text(part(bytes, found->sh_offset, found->sh_size)));
  }
  if (size > bytes.size()) return std::nullopt;
  if (cubin.arch.empty()) cubin.arch = arch_of_flags(*header);
  cubin.bytes = bytes.first(size);
  return cubin;
}

}  // namespace

std::vector<EmbeddedCubin> find_cubins(std::span<const std::byte> image) {
  std::vector<EmbeddedCubin> cubins;
  const std::string_view text = as_text(image);
  const std::string_view magic{ELFMAG, SELFMAG};
  for (std::size_t at = text.find(magic); at != std::string_view::npos; at = text.find(magic, at + 1)) {
    if (auto cubin = cubin_at_start(image.subspan(at))) {
      cubin->offset = at;
      cubins.push_back(*std::move(cubin));
    }
  }
  return cubins;
}

std::vector<std::byte> read_own_executable() {
  std::ifstream file("/proc/self/exe", std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  if (size <= 0) return {};
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), size);  // NOLINT: bytes seen as characters
  if (!file) return {};
  return bytes;
}

}  // namespace peakproof::kernels
