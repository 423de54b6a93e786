// SPDX-License-Identifier: GPL-2.0-or-later
// What somebody's firmware remembers of them leaves it through no command: passwords, networks, serial numbers, and
// digests of them, which are short enough to be guessed.
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/base64.h"
#include "quell/digest.h"
#include "specimen/uefi.h"
#include "support/program.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using test::Outcome;

constexpr std::string_view vendor = "11111111-2222-3333-4444-555555555555";
constexpr std::string_view global = "8BE4DF61-93CA-11D2-AA0D-00E098032B8C";

struct Secret {
  std::string variable;
  std::string value;
};
const std::vector<Secret> secrets{{"HDDPWD", "hunter2-secret"},
                                  {"AMITSESetup", "another-password"},
                                  {"current-network", "HomeNetworkOfSomebody"},
                                  {"UnlockID", "SERIAL-0123456789-ABCDEF"},
                                  {"WiFiProfile", "psk=correct horse battery staple"}};

Buffer bytes_of(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

Buffer wide(std::string_view text) {
  Buffer out;
  for (const char c : text) {
    out.push_back(static_cast<std::byte>(c));
    out.push_back(std::byte{0});
  }
  return out;
}

std::vector<specimen::UefiVariable> variables(std::string_view suffix) {
  std::vector<specimen::UefiVariable> out;
  for (const Secret& secret : secrets)
    out.push_back({secret.variable, std::string(vendor), bytes_of(secret.value + std::string(suffix)), false});
  out.push_back({"Boot0000", std::string(global), specimen::uefi_load_option("OS", "\\a.efi"), false});
  return out;
}

struct Store {
  const char* name;
  Buffer (*make)(std::string_view suffix);
};

void PrintTo(const Store& store, std::ostream* out) { *out << store.name; }

constexpr std::uint64_t volume_size = 0x10000;

class Privacy : public testing::TestWithParam<Store> {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quell-privacy-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    ASSERT_TRUE(write_file(folder_ / "a.fd", GetParam().make("")).has_value());
    ASSERT_TRUE(write_file(folder_ / "b.fd", GetParam().make("!")).has_value());
  }
  void TearDown() override { fs::remove_all(folder_); }

  // In no encoding that a program has for bytes.
  static void expect_kept(const std::string& output, const std::string& where) {
    for (const Secret& secret : secrets) {
      for (const std::string& value : {secret.value, secret.value + "!"}) {
        const Buffer utf16 = wide(value);
        const std::vector<std::string> forms{value,
                                             std::string(reinterpret_cast<const char*>(utf16.data()), utf16.size()),
                                             to_hex(as_bytes(value)),
                                             to_hex(sha256(as_bytes(value))),
                                             to_hex(sha1(as_bytes(value))),
                                             to_hex(md5(as_bytes(value)))};
        for (const std::string& form : forms)
          EXPECT_EQ(output.find(form), std::string::npos) << where << " tells of " << secret.variable << ": " << form;
      }
    }
  }

  void run(const std::vector<std::string>& words) {
    const Outcome outcome = test::run_program(QUELL_PROGRAM, words);
    std::string line;
    for (const std::string& word : words) line += word + " ";
    EXPECT_LT(outcome.status, 6) << line;
    expect_kept(outcome.out, line);
    expect_kept(outcome.error, line);
    outputs_ += outcome.out;
  }

  fs::path folder_{};
  std::string outputs_{};
};

TEST_P(Privacy, HoldsForEveryCommandThatReadsAnImage) {
  const std::string a = (folder_ / "a.fd").string();
  const std::string b = (folder_ / "b.fd").string();
  const std::string out = (folder_ / "out").string();
  const std::vector<std::vector<std::string>> commands{{"inspect", a},
                                                       {"check", a},
                                                       {"check", a, b},
                                                       {"diff", a, b},
                                                       {"explain", a},
                                                       {"clean", "--dry-run", a},
                                                       {"descriptor", "show", a},
                                                       {"extract", a, "-d", out, "--force"}};
  for (const auto& command : commands) {
    run(command);
    for (const std::string option : {"-vv", "--json", "-q"}) {
      auto words = command;
      words.push_back(option);
      run(words);
    }
  }
  for (const char* format : {"cyclonedx", "markdown", "html"}) run({"report", a, "--format", format});
  run({"report", a, "--before", b, "--format", "json"});
  EXPECT_THAT(outputs_, testing::HasSubstr("HDDPWD")) << "the names are shown";
  // A file of the volume holds the store as a whole; what is made of it piece by piece does not.
  for (const auto& file : fs::recursive_directory_iterator(out)) {
    if (file.path().filename() != "index.json") continue;
    std::ifstream stream(file.path());
    std::stringstream text;
    text << stream.rdbuf();
    expect_kept(text.str(), file.path().string());
  }
}

// The first bytes of components in a page, in a row.
std::string heads_of(std::vector<std::string> words) {
  words.insert(words.begin(), {"report", "--format", "json"});
  const auto document = nlohmann::json::parse(test::run_program(QUELL_PROGRAM, words).out, nullptr, false);
  std::string out;
  if (document.is_discarded()) return out;
  for (const auto& head : document.at("heads")) out += bytes_of_base64(head.get<std::string>());
  return out;
}

TEST_P(Privacy, HoldsForTheFirstBytesInAPageUnlessTheyAreAskedFor) {
  const std::string image = (folder_ / "a.fd").string();
  const std::string withheld = heads_of({image});
  expect_kept(withheld, "first bytes");
  EXPECT_GT(heads_of({image, "--identifiers"}).size(), withheld.size());
}

INSTANTIATE_TEST_SUITE_P(
    Stores, Privacy,
    testing::Values(Store{"vss2",
                          [](std::string_view suffix) {
                            return specimen::uefi_store_volume(
                                specimen::uefi_vss2_store(variables(suffix), 0x4000, false), volume_size);
                          }},
                    Store{"authenticated",
                          [](std::string_view suffix) {
                            return specimen::uefi_store_volume(specimen::uefi_vss2_store(variables(suffix), 0x4000),
                                                               volume_size);
                          }},
                    Store{"vss",
                          [](std::string_view suffix) {
                            return specimen::uefi_store_volume(specimen::uefi_vss_store(variables(suffix), 0x4000),
                                                               volume_size);
                          }},
                    Store{"nvar",
                          [](std::string_view suffix) {
                            return specimen::uefi_volume(
                                {specimen::uefi_file("CEF5B9A3-476D-497F-9FDC-E98143E0422C", 0x01,
                                                     specimen::uefi_nvar_list(variables(suffix), 0x4000))},
                                volume_size);
                          }},
                    Store{"evsa",
                          [](std::string_view suffix) {
                            return specimen::uefi_store_volume(specimen::uefi_evsa_store(variables(suffix), 0x4000),
                                                               volume_size, true);
                          }}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace quell
