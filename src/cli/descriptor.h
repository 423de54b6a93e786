// SPDX-License-Identifier: GPL-2.0-or-later
// `quell descriptor`: one subcommand a verb, in three files.
#pragma once

#include "base/sandbox.h"
#include "cli/command.h"
#include "cli/outputs.h"
#include "flash/descriptor_edit.h"
#include "quell/mapped_file.h"

namespace quell::cli {

// An image with a descriptor at its start, kept for the time of one verb.
struct DescriptorFile {
  std::string path{};
  MappedFile file;
  Image image;
  flash::FlashDescriptor descriptor{};
};
// Reads it. What is no such image is named, with the next step.
//
// From then on the program can do no more with files than `needs` says.
Result<DescriptorFile> open_descriptor(const std::string& path, const SandboxNeeds& needs = {});

// What the user can insist on in every changing verb, and in `set`.
inline const Overrides edit_overrides{Override::overlaps};
inline const Overrides set_overrides{Override::overlaps,           Override::shrink, Override::tpm_loss,
                                     Override::reported_place,     Override::place,  Override::descriptor_alone,
                                     Override::verified_descriptor};

// What the changing verbs share.
struct EditArguments {
  std::string input{};
  std::string output{};
  bool dry_run = false;
  Overrides accepted{};
};
void add_edit_options(const Command& command, EditArguments& arguments, Overrides offered = edit_overrides);

// Proves the plan, writes the output unless in a dry run, and reports.
Result<void> finish_edit(const EditArguments& arguments, const Session& session, const Image& image, const Plan& plan,
                         std::vector<Finding> notices, std::vector<Finding> costs = {});

// A verb of `quell descriptor` that runs `action` and complains for it; `offered` are its options that lift refusals.
template <class Action>
void on_run(const Command& verb, Session& session, const std::string* subject, Action action, Overrides offered = {}) {
  verb.callback([&session, subject, action, offered] {
    const Result<void> result = action();
    if (!result) session.status = complain(result.error(), *subject, offered);
  });
}

void add_show_verbs(const Command& parent, Session& session);  // show, layout
void add_edit_verbs(const Command& parent, Session& session);  // unlock, lock, lock-out
void add_set_verb(const Command& parent, Session& session);    // set
void add_part_verbs(const Command& parent, Session& session);  // extract, inject, split, join

}  // namespace quell::cli
