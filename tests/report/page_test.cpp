// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "report/action_command.h"
#include "report/page/blocks.h"

namespace quell {
namespace {

TEST(BlockKinds, TellErasedZeroPlainAndRandomBlocksAndAShortLastOne) {
  Buffer bytes(4096, std::byte{0xFF});
  bytes.resize(2 * 4096, std::byte{0});
  bytes.resize(3 * 4096, std::byte{'a'});
  for (std::size_t i = 0; i < 4096; ++i) bytes.push_back(static_cast<std::byte>(i));
  bytes.resize(4 * 4096 + 3, std::byte{0xFF});
  const Buffer kinds = report::block_kinds(ByteView(bytes));
  EXPECT_EQ(kinds, (Buffer{std::byte{0}, std::byte{1}, std::byte{2}, std::byte{255}, std::byte{0}}));
  EXPECT_TRUE(report::block_kinds(ByteView{}).empty());
}

std::string_view option_of(Override one) noexcept {
  if (one == Override::boot_guard) return "--accept-boot-guard";
  return one == Override::place ? "--hap-at" : "";
}

TEST(ActionCommand, IsThereWhereACommandDoesItWithOptionsThatTheUserCanJustType) {
  using State = Action::State;
  const auto command = [](const char* id, State state, Overrides lifted_by) {
    Action action{.id = id, .state = state};
    action.lifted_by = lifted_by;
    return report::command_of(action, "a.rom", &option_of);
  };
  EXPECT_EQ(command("soft-disable", State::available, {}), "quell clean --soft a.rom -o quiet.rom");
  EXPECT_EQ(command("strip", State::refused, {Override::boot_guard}),
            "quell clean --strip --accept-boot-guard a.rom -o quiet.rom");
  EXPECT_EQ(command("strip", State::refused, {}), "") << "nothing lifts it";
  EXPECT_EQ(command("strip", State::refused, {Override::me12_strip}), "") << "no option";
  EXPECT_EQ(command("soft-disable", State::refused, {Override::place}), "") << "takes a place";
  EXPECT_EQ(command("strip", State::impossible, {}), "");
  EXPECT_EQ(command("boot-guard", State::available, {}), "") << "no command does it";
  EXPECT_EQ(report::command_of({.id = "strip", .state = State::available}, "a.rom", nullptr), "");
}

TEST(ActionCommand, WritesTheNameAsAShellReadsIt) {
  const auto command = [](const char* name) {
    return report::command_of({.id = "strip", .state = Action::State::available}, name, &option_of);
  };
  EXPECT_EQ(command("a b.rom"), "quell clean --strip 'a b.rom' -o quiet.rom");
  EXPECT_EQ(command("$(x)'.rom"), "quell clean --strip '$(x)'\\''.rom' -o quiet.rom");
  EXPECT_EQ(command("-rf"), "quell clean --strip './-rf' -o quiet.rom");
}

}  // namespace
}  // namespace quell
