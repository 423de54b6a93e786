// SPDX-License-Identifier: GPL-2.0-or-later
// Stands for what needs libpq in a build without it.
#include "store/query.h"
#include "store/store.h"

namespace quell::store {
namespace {

tl::unexpected<Error> not_built_in() { return fail(Errc::unsupported, "this build of quell has no PostgreSQL in it"); }

}  // namespace

Result<std::unique_ptr<Store>> open_postgres_store(const std::string& /*uri*/) { return not_built_in(); }

Result<std::unique_ptr<Database>> open_postgres_database(const std::string& /*uri*/) { return not_built_in(); }

}  // namespace quell::store
