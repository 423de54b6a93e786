// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ifdtool_options.h"

#include <array>
#include <bit>
#include <vector>

#include <fmt/format.h>

#include <algorithm>

#include <getopt.h>
#include "base/printable.h"
#include "cli/command.h"

#include "base/table.h"
#include "data/ifdtool-platforms.h"
#include "flash/lock_profiles.h"
#include "quell/version.h"

namespace quell::compat {
namespace {

constexpr int failure = 1;  // ifdtool has one status for every error

constexpr std::string_view help = R"(usage: quell ifdtool [OPTIONS] IMAGE

Shows and changes the Intel flash descriptor with the options, the bytes and the exit statuses of ifdtool. The result
goes to IMAGE.new unless -O names another file; where that is IMAGE itself, it is replaced whole, once the result has
been checked. New scripts may prefer `quell descriptor`.

  -d, --dump                     print the descriptor
  -f, --layout FILE              write the regions as a flashrom layout file
  -F, --fmap-layout FILE         write the regions as an fmap text
  -t, --validate                 compare the regions with the FMAP in the image
  -x, --extract                  write every region to a file of its own, in this folder
  -i, --inject REGION:FILE       put a file into a region: Descriptor, BIOS, ME, GbE, "Platform Data", ...
  -n, --newlayout FILE           move the regions as a layout file says
  -O, --output FILE              name of the result
  -s, --spifreq 17|20|30|33|48|50
                                 SPI clock in MHz
  -D, --density 512|1|2|4|8|16|32|64|0
                                 size of the flash chip: KiB for 512, else MiB; 0: no chip
  -C, --chip 0|1|2               which chip -D means: 0 both
  -e, --em100                    slow clock and no dual output, for the EM100 emulator
  -l, --lock                     each bus master gets its own regions only
  -u, --unlock                   everyone may read and write everything
  -r, --read                     let the host read the ME region
  -g, --gpr0-disable             switch the protected range GPR0 off
  -E, --gpr0-enable              switch it on
  -c, --gpr0-status              print its state
  -M, --altmedisable 0|1         clear or set the bit that disables the ME, at the place where this platform has it
  -S, --setpchstrap N            write a PCH strap ...
  -V, --newvalue VALUE           ... with this value (0 without)
  -T, --topswapsize SIZE         top swap size, 0x10000 to 0x800000 (adl only)
  -p, --platform NAME            adl aplk cnl lbg dnv ehl glk icl ifd2 jsl mtl sklkbl tgl ptl nvl wbg; found from the
                                 image where not given
  -v, --version                  version of quell
  -h, --help                     this text

Example:
  quell ifdtool -p cnl -u -O unlocked.rom dump.rom
)";

const std::array<option, 26> long_options{{{"dump", no_argument, nullptr, 'd'},
                                           {"layout", required_argument, nullptr, 'f'},
                                           {"fmap-layout", required_argument, nullptr, 'F'},
                                           {"extract", no_argument, nullptr, 'x'},
                                           {"inject", required_argument, nullptr, 'i'},
                                           {"newlayout", required_argument, nullptr, 'n'},
                                           {"output", required_argument, nullptr, 'O'},
                                           {"spifreq", required_argument, nullptr, 's'},
                                           {"density", required_argument, nullptr, 'D'},
                                           {"chip", required_argument, nullptr, 'C'},
                                           {"altmedisable", required_argument, nullptr, 'M'},
                                           {"em100", no_argument, nullptr, 'e'},
                                           {"lock", no_argument, nullptr, 'l'},
                                           {"read", no_argument, nullptr, 'r'},
                                           {"unlock", no_argument, nullptr, 'u'},
                                           {"gpr0-disable", no_argument, nullptr, 'g'},
                                           {"gpr0-enable", no_argument, nullptr, 'E'},
                                           {"gpr0-status", no_argument, nullptr, 'c'},
                                           {"platform", required_argument, nullptr, 'p'},
                                           {"setpchstrap", required_argument, nullptr, 'S'},
                                           {"newvalue", required_argument, nullptr, 'V'},
                                           {"validate", no_argument, nullptr, 't'},
                                           {"topswapsize", required_argument, nullptr, 'T'},
                                           {"version", no_argument, nullptr, 'v'},
                                           {"help", no_argument, nullptr, 'h'},
                                           {nullptr, 0, nullptr, 0}}};

int wrong(std::string_view message) {
  cli::say(fmt::format("quell ifdtool: {}\n", message));
  return failure;
}

struct Code {
  std::uint64_t argument;
  unsigned code;
};
constexpr std::array<Code, 6> clock_codes{{{17, 6}, {20, 0}, {30, 4}, {33, 1}, {48, 2}, {50, 4}}};
constexpr std::array<Code, 9> density_codes{
    {{512, 0}, {1, 1}, {2, 2}, {4, 3}, {8, 4}, {16, 5}, {32, 6}, {64, 7}, {0, 0xF}}};

constexpr std::array versions{Word{"1.5", flash::DescriptorVersion::v1_5}, Word{"2", flash::DescriptorVersion::v2}};

template <std::size_t N>
std::optional<unsigned> code_of(const std::array<Code, N>& codes, std::string_view text) {
  const auto value = parse_integer(text);
  for (const Code& code : codes) {
    if (value == code.argument) return code.code;
  }
  return std::nullopt;
}

// getopt prints an option that it does not know as it is.
bool has_control_characters(std::span<char* const> arguments) {
  return std::ranges::any_of(arguments,
                             [](std::string_view word) { return word.starts_with('-') && printable(word) != word; });
}

class Parser {
 public:
  std::variant<IfdOptions, int> parse(std::span<char* const> arguments) {
    std::vector<char*> argv(arguments.begin(), arguments.end());
    argv.push_back(nullptr);
    if (has_control_characters(arguments)) return wrong("an option holds control characters (see --help)");
    optind = 0;  // a fresh scan, whatever ran before
    int letter = 0;
    while ((letter = ::getopt_long(static_cast<int>(arguments.size()), argv.data(),
                                   "df:F:xi:n:O:s:D:C:M:elrugEcp:S:V:tT:vh?", long_options.data(), nullptr)) != -1) {
      if (const auto status = take(static_cast<char>(letter), optarg != nullptr ? optarg : "")) return *status;
    }
    if (optind + 1 != static_cast<int>(arguments.size())) {
      return wrong(optind >= static_cast<int>(arguments.size()) ? "name an image (see --help)"
                                                                : "name one image only (see --help)");
    }
    options_.input = arguments[static_cast<std::size_t>(optind)];
    return finish();
  }

 private:
  std::optional<int> take(char letter, const char* argument) {
    switch (letter) {
      case 'h': cli::print(help); return 0;
      case 'v': cli::print(fmt::format("quell {} ifdtool\n", version)); return 0;
      case 'd':
        options_.dump = true;
        ++modes_;
        return {};
      case 'f':
        options_.layout = argument;
        ++modes_;
        return {};
      case 'F':
        options_.fmap = argument;
        ++modes_;
        return {};
      case 'x':
        options_.extract = true;
        ++modes_;
        return {};
      case 't':
        options_.validate = true;
        ++modes_;
        return {};
      case 'n':
        options_.new_layout = argument;
        ++modes_;
        return {};
      case 'O': options_.output = argument; return {};
      case 'e': options_.em100 = group_ = true; return {};
      case 'l': options_.lock = group_ = true; return {};
      case 'u': options_.unlock = group_ = true; return {};
      case 'r': options_.read = true; return {};
      case 'g':
        options_.gpr0 = Gpr0::disable;
        ++modes_;
        return {};
      case 'E':
        options_.gpr0 = Gpr0::enable;
        ++modes_;
        return {};
      case 'c':
        options_.gpr0 = Gpr0::status;
        ++modes_;
        return {};
      default: return take_value(letter, argument);
    }
  }

  std::optional<int> take_value(char letter, std::string_view argument) {
    switch (letter) {
      case 'i': return take_injection(argument);
      case 's':
        group_ = true;
        options_.clock = code_of(clock_codes, argument);
        return options_.clock ? std::optional<int>() : wrong("-s takes 17, 20, 30, 33, 48 or 50 MHz");
      case 'D':
        options_.density = code_of(density_codes, argument);
        return options_.density ? std::optional<int>() : wrong("-D takes 512, 1, 2, 4, 8, 16, 32, 64 or 0");
      case 'p':
        options_.platform = find_ifd_platform(argument);
        return options_.platform ? std::optional<int>() : wrong(fmt::format("unknown platform '{}'", argument));
      case 'C':
        return take_number(argument, 2, "-C takes 0, 1 or 2",
                           [&](auto n) { options_.chip = static_cast<unsigned>(n); });
      case 'M':
        ++modes_;
        return take_number(argument, 1, "-M takes 0 or 1", [&](auto n) { options_.disable_me = n == 1; });
      case 'S':
        ++modes_;
        return take_number(argument, 0xFF, "-S takes the number of a strap", [&](auto n) { options_.strap = n; });
      case 'V':
        return take_number(argument, 0xFFFFFFFF, "-V takes a 32-bit value",
                           [&](auto n) { options_.strap_value = static_cast<std::uint32_t>(n); });
      case 'T':
        ++modes_;
        return take_number(argument, 0x800000, "-T takes a power of two from 0x10000 to 0x800000",
                           [&](auto n) { options_.top_swap_size = static_cast<std::uint32_t>(n); });
      default: return failure;  // getopt has said why
    }
  }

  template <class Store>
  static std::optional<int> take_number(std::string_view text, std::uint64_t most, std::string_view message,
                                        Store store) {
    const auto value = parse_integer(text);
    if (!value || *value > most) return wrong(message);
    store(*value);
    return {};
  }

  std::optional<int> take_injection(std::string_view argument) {
    const auto colon = argument.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == argument.size())
      return wrong("-i takes REGION:FILE");
    options_.inject_region = std::string(argument.substr(0, colon));
    options_.inject_file = std::string(argument.substr(colon + 1));
    ++modes_;
    return {};
  }

  std::variant<IfdOptions, int> finish() {
    modes_ += group_ ? 1 : 0;
    if (options_.lock && options_.unlock) return wrong("-l and -u contradict each other");
    if (modes_ > 1) return wrong("these options are different modes; give one of them at a time (see --help)");
    if (modes_ == 0 && !options_.changes()) return wrong("nothing to do (see --help)");
    if (options_.top_swap_size && (*options_.top_swap_size < 0x10000 || !std::has_single_bit(*options_.top_swap_size)))
      return wrong("-T takes a power of two from 0x10000 to 0x800000");
    return options_;
  }

  IfdOptions options_{};
  int modes_ = 0;
  bool group_ = false;  // clock, em100, lock, unlock go together
};

}  // namespace

std::optional<IfdPlatform> find_ifd_platform(std::string_view name) {
  const Table table(data::ifdtool_platforms);
  const auto row = table.find("name", name);
  if (!row) return std::nullopt;
  return IfdPlatform{std::string(name),
                     row->choice<versions>("version"),
                     row->flag("extended"),
                     row->choice<flash::lock_profiles>("lock"),
                     row->optional_number<std::uint64_t>("gpr0_strap"),
                     row->optional_number<std::uint64_t>("gpr0_pointer")};
}

std::variant<IfdOptions, int> parse_ifdtool(std::span<char* const> arguments) { return Parser().parse(arguments); }

}  // namespace quell::compat
