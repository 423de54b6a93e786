// SPDX-License-Identifier: GPL-2.0-or-later
// Hash segment: ten u32 words (twelve for version 6; ten and 24 bytes of common metadata for version 7), then (version
// 6, 7: metadata first) hashes, Qualcomm's signature and chain, the OEM's signature and chain.
//   word       0         1  2               3               4               5           6          7      8      9
//   version 3  image id  3  flash address   destination     total size      hashes      sig. addr  sig.   addr   chain
//   5, 6       image id  5  Qualcomm sig.   Qualcomm chain  total size      hashes      FFFFFFFF   sig.   FF..   chain
//   7          0         7  common metadata Qualcomm md     OEM metadata    hashes      Q sig.     Q chn  sig.   chain
// Hash: SHA-256 up to version 5, SHA-384 from 6; entry i covers program header i, entry 0 the ELF and program headers,
// the hash segment's own is zero. Sources: qtestsign mbn/hashseg.py, coreboot util/qualcomm.
#include "arm/qualcomm.h"

#include <algorithm>

#include <fmt/format.h>

#include "arm/secure_world.h"
#include "base/elf.h"
#include "base/x509.h"
#include "model/problems.h"

namespace quell::arm {
namespace {

constexpr unsigned headers_type = 7;
constexpr unsigned hash_type = 2;
constexpr std::uint16_t trustzone_id = 7;
constexpr std::size_t most_certificates = 8;

Result<std::vector<ElfSegment>> read_segments(ByteView view) {
  QUELL_TRY(const Elf elf, parse_elf(view));
  std::vector<ElfSegment> out;
  for (const ElfProgramHeader& p : elf.programs) {
    out.push_back({.type = p.type,
                   .flags = p.flags,
                   .offset = p.offset,
                   .address = p.address,
                   .file_size = p.file_size,
                   .memory_size = p.memory_size});
  }
  return out;
}

bool is_hash_segment(const ElfSegment& s) noexcept { return s.type == 0 && s.qualcomm_type() == hash_type; }

// Sizes of the parts behind the header words.
struct HashSegmentParts {
  std::uint64_t header = 40;
  std::uint64_t metadata = 0;
  std::uint64_t hashes = 0;
  std::uint64_t vendor_signature = 0;
  std::uint64_t vendor_chain = 0;
  std::uint64_t signature = 0;
  std::uint64_t chain = 0;
};

HashSegmentParts parts_of(const QualcommImage& image) {
  const auto& w = image.words;
  HashSegmentParts p;
  p.hashes = w[5];
  p.chain = w[9];
  p.signature = image.version == 7 ? w[8] : w[7];
  if (image.version == 5 || image.version == 6) {
    p.vendor_signature = w[2];
    p.vendor_chain = w[3];
  }
  if (image.version == 6) {
    p.header = 48;
    p.metadata = std::uint64_t{w[10]} + w[11];
  } else if (image.version == 7) {
    p.metadata = std::uint64_t{w[2]} + w[3] + w[4];
    p.vendor_signature = w[6];
    p.vendor_chain = w[7];
  }
  return p;
}

std::string_view before(std::string_view text, char end) {
  return text.substr(0, std::min(text.find(end), text.size()));
}

// "OU = 01 0000000000000007 SW_ID, OU = ..." -> "0000000000000007"
std::string unit(const std::string& subject, std::string_view name) {
  std::string_view rest = subject;
  for (std::size_t at = rest.find("OU = "); at != std::string_view::npos; at = rest.find("OU = ")) {
    rest.remove_prefix(at + 5);
    const std::string_view part = before(rest, ',');
    if (!part.ends_with(name) || part.size() < name.size() + 4) continue;
    const std::string_view middle = part.substr(3, part.size() - name.size() - 4);
    return std::string(middle);
  }
  return {};
}

void read_chain(QualcommImage& out, ByteView chain) {
  out.chain_offset = chain.origin();
  ByteView rest = chain;
  while (!rest.empty() && out.subjects.size() < most_certificates && rest.u8(0).value_or(0) == 0x30) {
    const auto certificate = parse_certificate(rest);
    if (!certificate) {
      note_error(out.problems, "arm.qualcomm.certificate", Question::signatures,
                 "a certificate of the chain cannot be read", certificate.error().message + ".", {rest.origin(), 0});
      break;
    }
    out.subjects.push_back(certificate->subject);
    out.root_sha256 = sha256(certificate->whole.bytes());
    rest = rest.from(certificate->whole.size()).value_or(ByteView());
  }
  if (out.subjects.empty()) return;
  const std::string& leaf = out.subjects.front();
  out.oem_id = unit(leaf, "OEM_ID");
  out.debug = unit(leaf, "DEBUG");
  const Buffer id = from_hex(unit(leaf, "SW_ID"));
  if (id.empty() || id.size() > 8) return;
  std::uint64_t value = 0;
  for (const std::byte byte : id) value = value << 8U | std::to_integer<std::uint64_t>(byte);
  out.software_id = value;
}

void compare_digests(QualcommImage& out, ByteView view, ByteView table, std::size_t hash_index) {
  const std::size_t size = out.algorithm == HashAlgorithm::sha256 ? 32 : 48;
  std::uint64_t budget = 2 * view.size();  // segments may overlap in a hostile file
  for (std::size_t i = 0; i < out.segments.size(); ++i) {
    ElfSegment& s = out.segments[i];
    const auto stored = table.sub(i * size, size);
    if (!stored || i == hash_index) continue;
    const ByteView content = view.clip({s.offset, s.file_size});
    if (content.size() != s.file_size || content.empty() || content.size() > budget) continue;
    budget -= content.size();
    s.digest.assign(stored->bytes().begin(), stored->bytes().end());
    // All zero: the segment is not covered.
    if (stored->filled_with(std::byte{0})) continue;
    s.digest_matches = equal(hash(out.algorithm, content.bytes()), stored->bytes());
    if (!*s.digest_matches) {
      note_error(out.problems, "arm.qualcomm.digest", Question::digests, "a segment does not match its digest",
                 fmt::format("Program header {}.", i), content.range());
    }
  }
}

void read_hash_segment(QualcommImage& out, ByteView view, std::size_t index) {
  const ElfSegment& s = out.segments[index];
  const auto segment = view.sub(s.offset, s.file_size);
  if (!segment) {
    return note_error(
        out.problems, "arm.qualcomm.segment", Question::size, "the hash segment runs past the end of the file",
        fmt::format("Program header {} (hash segment) runs past the end of the file: {:#x} bytes at {:#x}.", index,
                    s.file_size, s.offset),
        {view.origin(), std::min<std::uint64_t>(view.size(), 64)});
  }
  for (std::uint64_t i = 0; i < 12; ++i) out.words.push_back(segment->u32(4 * i).value_or(0));
  out.version = out.words[1];
  out.algorithm = out.version >= 6 ? HashAlgorithm::sha384 : HashAlgorithm::sha256;
  if (out.version != 3 && out.version != 5 && out.version != 6 && out.version != 7) {
    return note_error(out.problems, "arm.qualcomm.version", Question::structure,
                      "the hash segment has an unknown version", fmt::format("Version {}.", out.version),
                      segment->range());
  }
  if (out.version == 7) out.software_id = segment->u32(40 + 8).value_or(0);
  const HashSegmentParts p = parts_of(out);
  const std::uint64_t hashes = p.header + p.metadata;
  const std::uint64_t signature = hashes + p.hashes + p.vendor_signature + p.vendor_chain;
  const std::uint64_t chain = signature + p.signature;
  if (!segment->has(chain, p.chain)) {
    const bool chain_alone = p.chain > segment->size();
    note_error(
        out.problems, "arm.qualcomm.sizes", Question::structure, "the hash segment is smaller than its parts",
        chain_alone
            ? fmt::format("The MBN hash segment header says its certificate chain has {} bytes, the segment has {}.",
                          p.chain, segment->size())
            : fmt::format("The parts of the MBN hash segment take {} bytes, the segment has {}.", chain + p.chain,
                          segment->size()),
        segment->range());
  }
  compare_digests(out, view, segment->clip({hashes, p.hashes}), index);
  const ByteView stored = segment->clip({signature, p.signature});
  const bool dummy = !stored.empty() && (stored.filled_with(std::byte{0xFF}) || stored.filled_with(std::byte{0}));
  out.is_signed = !stored.empty() && !dummy;
  out.signature = stored.empty() ? "none" : dummy ? "dummy, not verifiable" : "not checked";
  read_chain(out, segment->clip(Range::between(chain, chain + std::min(p.chain, segment->size()))));
}

// From the software id, else from what the loaded code is.
std::string image_name(const QualcommImage& image, ByteView view) {
  if (image.software_id && (*image.software_id & 0xFFFFU) == trustzone_id) return "tz";
  std::uint64_t budget = 2 * view.size();  // segments may overlap in a hostile file
  for (const ElfSegment& s : image.segments) {
    const ByteView code = view.clip({s.offset, s.file_size});
    if (s.type != 1 || code.size() > budget) continue;
    budget -= code.size();
    if (!read_monitor(code).version.empty() || code.find(as_bytes("QSEE"))) return "tz";
  }
  return {};
}

}  // namespace

bool looks_like_qualcomm(ByteView view) noexcept {
  const auto segments = read_segments(view);
  return segments && std::ranges::any_of(*segments, is_hash_segment);
}

Result<QualcommImage> parse_qualcomm(ByteView view) {
  if (!looks_like_elf(view)) return fail(Errc::unrecognised, "no ELF file", view.origin());
  QualcommImage out;
  out.elf_class = view.u8(4).value_or(0) == 2 ? 64 : 32;
  QUELL_TRY(out.segments, read_segments(view));
  const auto hash = std::ranges::find_if(out.segments, is_hash_segment);
  if (hash == out.segments.end()) return fail(Errc::unrecognised, "no hash segment", view.origin());
  for (std::size_t i = 0; i < out.segments.size(); ++i) {
    const ElfSegment& s = out.segments[i];
    // Of a segment without bytes in the file (only memory that is cleared) the offset means nothing.
    if (is_hash_segment(s) || s.file_size == 0 || view.has(s.offset, s.file_size)) continue;
    note_error(out.problems, "arm.qualcomm.segment", Question::size, "a segment runs past the end of the file",
               fmt::format("Program header {} runs past the end of the file.", i), {view.origin(), 0});
  }
  read_hash_segment(out, view, static_cast<std::size_t>(hash - out.segments.begin()));
  out.image = image_name(out, view);
  return out;
}

Component describe(const QualcommImage& image, ByteView view) {
  Component out{"qualcomm-image", image.image.empty() ? "Qualcomm signed image" : image.image, view.range()};
  Attributes& a = out.attributes;
  a.set("elf_class", std::uint64_t{image.elf_class});
  a.set("hash_segment_version", std::uint64_t{image.version});
  std::vector<std::string> words;
  for (const std::uint32_t word : image.words) words.push_back(fmt::format("{:#x}", word));
  a.set("hash_segment_words", std::move(words));
  a.set("segment_digest_alg", std::string(image.algorithm == HashAlgorithm::sha256 ? "sha256" : "sha384"));
  a.set("certificate_subjects", image.subjects);
  if (image.chain_offset) a.set("certificate_chain_offset", *image.chain_offset);
  for (std::size_t i = 0; i < image.segments.size(); ++i) {
    const ElfSegment& s = image.segments[i];
    const bool load = s.type == 1;
    Component child{"elf-segment",
                    is_hash_segment(s)                  ? "hash segment"
                    : s.qualcomm_type() == headers_type ? "ELF headers"
                    : load                              ? "code"
                                                        : "segment",
                    view.clip({s.offset, s.file_size}).range()};
    child.attributes.set("type", s.type == 0 ? std::string("NULL")
                                 : load      ? std::string("LOAD")
                                             : fmt::format("{:#x}", s.type));
    child.attributes.set("file_offset", s.offset, Show::hex);
    child.attributes.set("paddr", s.address, Show::hex);
    child.attributes.set("filesz", s.file_size);
    child.attributes.set("memsz", s.memory_size);
    if (!s.digest.empty()) child.attributes.set("digest", to_hex(s.digest));
    if (s.digest_matches) child.attributes.set("digest_matches", *s.digest_matches);
    if (!s.digest.empty()) {
      child.checks.push_back({.question = Question::digests,
                              .state = s.digest_matches ? check_state(*s.digest_matches) : CheckState::absent,
                              .subject = "segment digest",
                              .range = child.range,
                              .reason = !s.digest_matches   ? "all zero: the segment is not covered"
                                        : *s.digest_matches ? ""
                                                            : "the segment has another digest",
                              .algorithm = image.algorithm == HashAlgorithm::sha256 ? "SHA-256" : "SHA-384",
                              .stored = to_hex(s.digest)});
    }
    out.children.push_back(std::move(child));
  }
  return out;
}

}  // namespace quell::arm
