# SPDX-License-Identifier: GPL-2.0-or-later
# The repository to build from: EGIT_OVERRIDE_REPO_LOCAL_QUELL in the environment, or EGIT_REPO_URI set here.

EAPI=8

PYTHON_COMPAT=( python3_{11..13} )
inherit cmake git-r3 python-single-r1

DESCRIPTION="Look into firmware images and quiet the engines in them"
EGIT_REPO_URI="${EGIT_REPO_URI:-file:///var/lib/quell.git}"

LICENSE="GPL-2+"
SLOT="0/0"
IUSE="brotli +chip curl me-cleaner-links postgres python seccomp test zstd"
REQUIRED_USE="python? ( ${PYTHON_REQUIRED_USE} )"
RESTRICT="!test? ( test )"

RDEPEND="
	app-arch/lz4:=
	app-arch/xz-utils
	dev-libs/gmp:=
	dev-libs/libfmt:=
	dev-db/sqlite:3
	dev-libs/nettle:=
	sys-apps/dtc
	sys-libs/zlib
	brotli? ( app-arch/brotli:= )
	chip? ( sys-apps/flashrom )
	curl? ( net-misc/curl )
	me-cleaner-links? ( !sys-apps/me_cleaner )
	postgres? ( dev-db/postgresql:* )
	python? ( ${PYTHON_DEPS} )
	seccomp? ( sys-libs/libseccomp )
	zstd? ( app-arch/zstd:= )
"
DEPEND="
	${RDEPEND}
	dev-cpp/cli11
	dev-cpp/nlohmann_json
	dev-cpp/tl-expected
	test? ( dev-cpp/gtest )
"
BDEPEND="virtual/pkgconfig"

pkg_setup() {
	use python && python-single-r1_pkg_setup
}

src_configure() {
	local mycmakeargs=(
		-DQUELL_BENCH=OFF
		-DQUELL_BROTLI=$(usex brotli)
		-DQUELL_BUNDLE=OFF
		-DQUELL_CHIP=$(usex chip)
		-DQUELL_LIBRARY=ON
		-DQUELL_LINKS=$(usex me-cleaner-links)
		-DQUELL_NET=$(usex curl)
		-DQUELL_POSTGRES=$(usex postgres)
		-DQUELL_SECCOMP=$(usex seccomp)
		-DQUELL_TESTS=$(usex test)
		-DQUELL_ZSTD=$(usex zstd)
	)
	use python && mycmakeargs+=( -DQUELL_PYTHON_DIR="$(python_get_sitedir | sed "s|^${EPREFIX}/usr/||")" )
	cmake_src_configure
}

src_install() {
	cmake_src_install
	use python && python_optimize
	use python || rm -r "${ED}"/usr/lib/python3 || die
}
