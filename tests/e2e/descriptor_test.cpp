// SPDX-License-Identifier: GPL-2.0-or-later
// `quell descriptor` on a file that is a descriptor and nothing else.
#include <filesystem>

#include <gmock/gmock.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "support/descriptors.h"
#include "support/program.h"

namespace quell {
namespace {

namespace fs = std::filesystem;

class BareDescriptor : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quell-descriptor-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    ASSERT_TRUE(write_file(folder_ / "d.bin", test::make_descriptor({})));
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static test::Outcome quell(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "descriptor");
    return test::run_program(QUELL_PROGRAM, arguments);
  }

  fs::path folder_;
};

TEST_F(BareDescriptor, ExtractedAndInjectedIsTheSameAgain) {
  const auto extracted = quell({"extract", path("d.bin"), "-d", path("parts")});
  EXPECT_EQ(extracted.status, 0) << extracted.error;
  EXPECT_THAT(extracted.out, testing::HasSubstr("the file is the descriptor alone"));
  EXPECT_EQ(test::file_text(path("parts/fd.bin")), test::file_text(path("d.bin")));
  const auto injected = quell({"inject", path("d.bin"), "fd=" + path("parts/fd.bin"), "-o", path("again.bin")});
  EXPECT_EQ(injected.status, 0) << injected.error;
  EXPECT_EQ(test::file_text(path("again.bin")), test::file_text(path("d.bin")));
}

TEST_F(BareDescriptor, SaysThatOtherRegionsAreNotInIt) {
  const auto extracted = quell({"extract", path("d.bin"), "me", "-d", path("parts")});
  EXPECT_EQ(extracted.status, 3);
  EXPECT_THAT(extracted.error,
              testing::HasSubstr("the file is the descriptor alone, the Intel ME region is not in it"));
  const auto injected = quell({"inject", path("d.bin"), "me=" + path("d.bin"), "-o", path("new.bin")});
  EXPECT_EQ(injected.status, 3);
  EXPECT_THAT(injected.error, testing::HasSubstr("give the dump of the whole chip"));
  EXPECT_FALSE(fs::exists(path("new.bin")));
}

}  // namespace
}  // namespace quell
