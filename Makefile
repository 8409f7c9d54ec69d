# SPDX-License-Identifier: GPL-2.0-only
#
# The only entry point.  "make help" lists what it does.

# Most targets work on one base; check, callers, lint, mails and bisectable on each,
# unless BASE= names one.
ALL_BASES := 6.12 6.1
BASES := $(or $(BASE),$(ALL_BASES))
BASE ?= 6.12
KERNEL ?= ours
ARCH ?= x86_64
J ?= $(shell nproc)

ifeq ($(filter $(BASE),$(ALL_BASES)),)
$(error no base $(BASE): there is $(ALL_BASES))
endif
ifeq ($(filter $(KERNEL),ours stock),)
$(error no kernel $(KERNEL): there is ours and stock)
endif

# A flavour of a kernel is one more fragment and a build folder of its own.
FLAVOUR := $(if $(filter 1,$(DEBUG)),debug,$(DEBUG))
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/linux-keys
export CACHE V J

SRC := build/$(BASE)/$(KERNEL)
DASH = $(if $(1),-$(1))
COMPILED := $(call DASH,$(filter-out x86_64,$(ARCH)))$(if $(LLVM),-llvm)
VARIANT := $(call DASH,$(FLAVOUR))$(COMPILED)
# The build folder is inside the source tree, so that the compiler gets the same
# relative paths in every checkout, and ccache can share between kernels.
OBJ := $(SRC)/.obj$(VARIANT)
OBJ_OF = $(SRC)/.obj-$(1)$(COMPILED)
RUN := build/$(BASE)/run-$(KERNEL)$(VARIANT)

# Additional fragments of a flavour or a base.  The kernel of 6.12 is measured, so it
# has no checks; the kernel of 6.1 has all checks that cost little.
WITH_debug = disturb watch kasan
WITH_kcsan = disturb
WITH_coverage = disturb watch kasan
WITH_6.1 = disturb watch kasan
# A kernel can have only one of these two.
WITHOUT_kcsan = kasan
EXTRAS = $(filter-out $(WITHOUT_$(FLAVOUR)),$(sort $(WITH_$(BASE)) $(WITH_$(FLAVOUR))))
# The last one that names an option decides.
FRAGMENTS = $(patsubst %,configs/%.config,boot $(ARCH) peers $(EXTRAS)) \
	tools/testing/selftests/keys/config $(FLAVOUR:%=configs/%.config)
ifneq ($(FLAVOUR),)
ifeq ($(wildcard configs/$(FLAVOUR).config),)
$(error no flavour $(FLAVOUR): there is no configs/$(FLAVOUR).config)
endif
endif

# Only our files are measured.  A file is named together with $(obj), since a name alone
# would also match files of other folders.
COVERED = $(shell git ls-files 'crypto/*.c' 'fs/*.c' 'net/*.c' 'security/*.c' | grep -v _kunit)
only = $(foreach name,$(sort $(notdir $(2))),$(1)_$(name:.c=.o)=$$(ONLY_$$(obj)/$(name))) \
	$(2:%=ONLY_%=y)
MEASURE_coverage = $(call only,GCOV_PROFILE,$(COVERED)) \
	$(call only,KCOV_INSTRUMENT,$(COVERED))
# KCSAN and KASAN watch our files, and the base's files that share data with ours.  The
# tree may not exist when make starts.
WATCHED = $(sort $(COVERED) $(shell cd $(SRC) 2>/dev/null && ls security/keys/*.c \
	crypto/af_alg.c crypto/algif_*.c fs/crypto/*.c lib/assoc_array.c kernel/umh.c))
# KCSAN does not watch files with primitives of ordering, but must see their barriers.
ORDERING = mutex rwsem semaphore spinlock qspinlock qrwlock percpu-rwsem workqueue \
	refcount llist kthread tree update srcutree task_work signal exit fork
MEASURE_kcsan = KCSAN_SANITIZE=n $(call only,KCSAN_SANITIZE,$(WATCHED)) \
	$(ORDERING:%=KCSAN_INSTRUMENT_BARRIERS_%.o=y)
# Only the kernel of DEBUG=1 checks every access.
MEASURE_kasan = KASAN_SANITIZE=n $(call only,KASAN_SANITIZE,$(WATCHED))
ifneq ($(FLAVOUR),debug)
MEASURE = $(MEASURE_$(FLAVOUR)) \
	$(if $(filter kasan,$(EXTRAS)),$(MEASURE_kasan))
endif

CROSS_arm64 := aarch64-linux-gnu-
IMAGE_x86_64 := bzImage
IMAGE_arm64 := Image
# LOCALVERSION replaces a "+" that the checkout's git would add.
export MAKEARGS = ARCH=$(ARCH) LOCALVERSION=-$(KERNEL)$(VARIANT) \
	$(if $(LLVM),LLVM=$(LLVM),CROSS_COMPILE=$(CROSS_$(ARCH))) $(MEASURE)
KMAKE = env -u MAKEFLAGS -u MAKELEVEL $(MAKE) $(if $(filter 1,$(V)),,-s) -C $(SRC) \
	O=.obj$(VARIANT) $$MAKEARGS
# Not in depend mode: without the preprocessor's output ccache does not see .incbin,
# and hands out an old kernel inside piggy.o.  "ccache" was filled in that mode.
export CCACHE_DIR = $(CACHE)/compiled
export CCACHE_NOHASHDIR = 1
# ccache compares the contents of headers, even of headers that were just made.
export CCACHE_SLOPPINESS = include_file_mtime,include_file_ctime
export CCACHE_MAXSIZE = 10G
export KBUILD_BUILD_TIMESTAMP = @0
export KBUILD_BUILD_USER = linux-keys
export KBUILD_BUILD_HOST = localhost
# Debian's own programs come first, since the scripts need their versions. The PATH of
# an ordinary user has no sbin.
export PATH := /usr/lib/ccache:/usr/bin:$(PATH):/usr/sbin:/sbin

SERIES := python3 scripts/series
STEP = . scripts/lib.sh && step
RECORD = scripts/record
# The words of a command for a kernel that is not the usual one.
NOT_USUAL = $(if $(filter stock,$(KERNEL)), KERNEL=stock)$(DEBUG:%= DEBUG=%)
# Makes sure that a kernel is built for this base, kernel and flavour.
AGAIN = $(MAKE) --no-print-directory BASE=$(1) KERNEL=$(KERNEL) DEBUG=$(DEBUG)
# Targets are made one after the other; kbuild has its own -j.
.NOTPARALLEL:

PURPOSES = series build $(if $(filter arm64,$(ARCH)),arm64) $(if $(LLVM),llvm)

.PHONY: help
help:
	@cat scripts/help

# --- what a newcomer types --------------------------------------------------

.PHONY: demo check smoke names
demo: packages-guest kernel tools
	@scripts/run demo $(OBJ) $(RUN)

check: names packages-guest packages-compat tests
	@KERNEL=$(KERNEL) DEBUG=$(DEBUG) COMPILED=$(COMPILED) T="$(T)" R="$(R)" \
		STRESSED=$(STRESSED) TOOLS=$(TOOLS) scripts/check $(BASES)

# A mistyped name is reported before anything is built.
names: packages-series
	@scripts/names "$(T)" "$(R)"

smoke: packages-guest packages-compat tests kernel
	@T=keys:af_alg_args_test scripts/run tests $(OBJ) $(RUN)
	@scripts/results --total $(RUN)/counts

# --- series -----------------------------------------------------------------

.PHONY: base stock tree refresh sums mails bisectable
base: packages-series
	@scripts/base $(BASE)

stock: packages-series
	@scripts/base $(BASE) files

tree: base
	@$(STEP) TREE "base $(BASE) and the series" build/log/tree \
		$(SERIES) checkout $(BASE)

refresh:
	@$(SERIES) $(if $(UNDO),undo,refresh) $(BASE) $(if $(UNDO),,$(P))

sums: base
	@$(SERIES) sums $(BASE)

mails: packages-series
	@for base in $(BASES); do \
		scripts/base $$base && $(SERIES) mails $$base || exit; \
	done

bisectable: packages-build
	@for base in $(BASES); do \
		scripts/base $$base && scripts/bisectable $$base || exit; \
	done

# --- kernel -----------------------------------------------------------------

.PHONY: config menuconfig build kernel tests tools deb deb-tools
SOURCES := $(if $(filter stock,$(KERNEL)),stock,tree)
kernel: $(SOURCES)

# The configuration depends on the fragments in the Makefile, and on the options of the
# base.
$(OBJ)/.config: $(FRAGMENTS) Makefile scripts/kconfig bases/$(BASE)/source | $(SOURCES)
	@$(STEP) CONFIG "tiny + keys$(VARIANT)" build/log/config \
		scripts/kconfig $(SRC) $(OBJ) $(FRAGMENTS)

config: packages-build $(OBJ)/.config
menuconfig: config
	$(KMAKE) menuconfig

kernel: packages-build $(OBJ)/.config
	@$(STEP) BUILD "$(BASE) $(KERNEL)$(VARIANT) $(IMAGE_$(ARCH))" build/log/kernel-$(BASE)-$(KERNEL)$(VARIANT) \
		$(KMAKE) -j$(J) $(IMAGE_$(ARCH)) modules
	@scripts/kconfig --wanted $(SRC) $(OBJ) $(FRAGMENTS)
	@$(if $(filter x86_64,$(ARCH)),scripts/packed-kernel $(SRC) $(OBJ))
	@rm -rf $(OBJ)/root
	@$(KMAKE) INSTALL_MOD_PATH=root INSTALL_MOD_STRIP=1 modules_install
build: kernel

# The tests are built from the 6.12 tree for every kernel: its harness has more
# functions than that of 6.1.
tests: packages-build
	@$(call AGAIN,6.12) KERNEL=ours tree
	@$(STEP) TESTS "kselftests" build/log/tests scripts/tests $(CURDIR)/build/tests

tools: packages-build packages-guest
	@$(call AGAIN,$(BASE)) KERNEL=ours tree
	@$(STEP) TOOLS "tools/keys" build/log/tools scripts/tools build/$(BASE)/ours

deb: packages-build packages-deb tree $(if $(BOOT),packages-guest tools)
	@BOOT=$(BOOT) scripts/deb $(BASE) $(CONFIG)

deb-tools: packages-build packages-deb packages-deb-tools packages-guest
	@$(call AGAIN,6.12) KERNEL=ours tree
	@scripts/deb-tools build/6.12/ours

# --- guest ------------------------------------------------------------------

.PHONY: shell gdb terminal qemu-cmd
shell: packages-guest tests tools kernel
	@scripts/run shell $(OBJ) $(RUN)

# With T= one test or all are run, and then a prompt comes.
GDB_RUN = build/$(BASE)/run-gdb
gdb: names packages-guest packages-gdb tests tools
	@$(call AGAIN,$(BASE)) DEBUG=$(or $(DEBUG),gdb) kernel
	@T="$(T)" R="$(R)" scripts/run gdb $(call OBJ_OF,$(or $(FLAVOUR),gdb)) $(GDB_RUN)

terminal:
	@scripts/terminal $(GDB_RUN)/terminal

# The output is only the command.
qemu-cmd:
	@$(call AGAIN,$(BASE)) packages-guest tests tools kernel >&2
	@scripts/run cmd $(OBJ) $(RUN)

# --- judges -----------------------------------------------------------------

.PHONY: kunit lint contract callers bench keyutils model coverage faults fuzz
.PHONY: secrets stress mutants soak results presubmit pkcs11 tls boot-disk peers cryptsetup
.PHONY: cryptsetup-versions
kunit: packages-build packages-guest tree
	@scripts/kunit $(BASE) $(or $(KUNIT_ARCH),um x86_64)

contract:
	@scripts/contract

lint: packages-lint packages-build packages-llvm
	@scripts/lint $(BASES)

# Compiles all callers in the kernel that request keys, even those that the guest does
# not use.
callers: packages-build
	@for base in $(BASES); do \
		$(call AGAIN,$$base) KERNEL=ours tree && \
		scripts/callers $$base || exit; \
	done

bench: packages-guest
	$(if $(COMPILED),$(error what gcc compiles for x86_64 is measured, and nothing else))
	@$(call AGAIN,$(BASE)) DEBUG= KERNEL=stock kernel
	@$(call AGAIN,$(BASE)) DEBUG= KERNEL=ours kernel
	@CHECK=$(CHECK) SAVE=$(SAVE) scripts/bench $(BASE)

# Tests of keyutils.  BEFORE= names a shell script that is run in the guest first, so
# that another program than the helper answers the requests.
keyutils: packages-guest packages-series kernel $(if $(BEFORE),tools)
	@$(call AGAIN,6.12) KERNEL=ours tree
	@scripts/source guest/keyutils/source build/keyutils
	@T="$(T)" BEFORE=$(BEFORE) $(if $(T)$(BEFORE),,$(RECORD) \
		"make keyutils BASE=$(BASE) KERNEL=$(KERNEL)" \
		"scripts/results --total $(RUN)-keyutils/counts") \
		scripts/run keyutils $(OBJ) $(RUN)-keyutils

# Tests of libkeys-pkcs11.so, with a disk of programs that use keys through it.
pkcs11: packages-guest packages-series packages-pkcs11 kernel
	@$(call AGAIN,6.12) KERNEL=ours tree
	@T="$(T)" $(if $(T),,$(RECORD) \
		"make pkcs11$(NOT_USUAL) BASE=$(BASE)" \
		"scripts/results --total $(RUN)-pkcs11/counts") \
		scripts/run pkcs11 $(OBJ) $(RUN)-pkcs11

# keyed-tls with OpenSSL, GnuTLS and NSS: a table.  T= names one of them.
tls: packages-guest packages-series kernel tools
	@$(call AGAIN,6.12) KERNEL=ours tree
	@T="$(T)" $(if $(T),,$(RECORD) "make tls$(NOT_USUAL) BASE=$(BASE)" \
		"scripts/results --total $(RUN)-tls/counts") \
		scripts/run tls $(OBJ) $(RUN)-tls

# A root disk of disk-key(8) that Debian's initramfs opens with a TPM.
boot-disk: packages-guest kernel tools
	@$(RECORD) "make boot-disk$(NOT_USUAL) BASE=$(BASE)" "cat $(RUN)-boot/total" \
		scripts/boot-disk $(OBJ) $(RUN)-boot

# Real servers, and containers that mount from them.  SYSTEMS= names some, T= rows.
peers: packages-guest kernel tools
	@$(call AGAIN,6.12) KERNEL=ours tree
	@T="$(T)" SYSTEMS="$(SYSTEMS)" SAVE=$(SAVE) $(if $(T)$(SYSTEMS),,$(RECORD) \
		"make peers BASE=$(BASE)" \
		"scripts/results --total build/$(BASE)/run-ours-peers/counts") \
		scripts/peers $(BASE)

# cryptsetup's own scripts for keyrings; T= names those to run.
cryptsetup: packages-guest packages-series kernel
	@$(call AGAIN,6.12) KERNEL=ours tree
	@scripts/source guest/cryptsetup/source build/cryptsetup
	@T="$(T)" $(if $(T),,$(RECORD) "make cryptsetup BASE=$(BASE) KERNEL=$(KERNEL)" \
		"scripts/results --total $(RUN)-cryptsetup/counts") \
		scripts/run cryptsetup $(OBJ) $(RUN)-cryptsetup

# What later versions of cryptsetup do with devices that have symmetric keys; SUITES=
# names suites of Debian that have them.
SUITES_OF_CRYPTSETUP = $(or $(SUITES),trixie forky)
cryptsetup-versions: packages-guest packages-series kernel tools
	@$(call AGAIN,6.12) KERNEL=ours tree
	@SUITES="$(SUITES_OF_CRYPTSETUP)" $(if $(SUITES),,$(RECORD) \
		"make cryptsetup-versions$(NOT_USUAL) BASE=$(BASE)" \
		"scripts/results --total $(RUN)-versions/counts") \
		scripts/run versions $(OBJ) $(RUN)-versions

# The model checks every order of steps of a request, and not only those of a test.
model: packages-model
	@$(RECORD) "make model" "grep -m 1 'every claim holds' build/log/model" \
		sh -c '$(STEP) MODEL "tools/verification/keys" build/log/model \
		$(MAKE) -C tools/verification/keys OUTPUT=$(CURDIR)/build/model/'
	@cat build/log/model

# FAULTS=1 adds the tests with each of their calls failing, an hour more.
coverage: names packages-guest packages-compat packages-coverage tests
	@$(call AGAIN,$(BASE)) DEBUG=coverage kernel
	@T="$(T)" R="$(R)" FAULTS=$(FAULTS) TOOLS=$(TOOLS) $(if $(T),,$(RECORD) \
		"make coverage$(FAULTS:%= FAULTS=%)$(TOOLS:%= TOOLS=%) BASE=$(BASE)" \
		"cat build/$(BASE)/run-coverage/total") \
		scripts/coverage build/$(BASE)/ours $(call OBJ_OF,coverage) build/$(BASE)/run-coverage

# Every allocation and copy of every call that the tests make fails once.  The kernel of
# coverage finds lost memory, too, and is faster than that of DEBUG=1.
FAULTS_RUN = build/$(BASE)/run-faults
faults: names packages-guest packages-compat tests
	@$(call AGAIN,$(BASE)) DEBUG=$(or $(DEBUG),coverage) kernel
	@T="$(T)" R="$(R)" TOOLS=$(TOOLS) SLOW=3600 $(if $(T),,$(RECORD) \
		"make faults$(DEBUG:%= DEBUG=%)$(TOOLS:%= TOOLS=%) BASE=$(BASE)" "cat $(FAULTS_RUN)/total") \
		scripts/halves faults \
		$(call OBJ_OF,$(or $(FLAVOUR),coverage)) $(FAULTS_RUN)

# One kernel has all faults, which are switched on in turn.
mutants: packages-guest packages-compat tests base
	@T="$(T)" scripts/mutants $(BASE) $(FRAGMENTS)

stress: packages-guest tests kernel
	@TIME=$(TIME) $(RECORD) "make stress$(NOT_USUAL) BASE=$(BASE)" \
		"tail -n 1 $(RUN)-stress/output" scripts/run stress $(OBJ) $(RUN)-stress

# A kernel with KCOV guides the fuzzer.
FUZZ = build/$(BASE)/run-fuzz
fuzz: packages-guest tests
	@$(call AGAIN,$(BASE)) DEBUG=coverage kernel
	@TIME=$(TIME) SEED=$(SEED) $(RECORD) "make fuzz BASE=$(BASE)" \
		"sed -n 's/^done //p' $(FUZZ)/output" \
		scripts/run fuzz $(call OBJ_OF,coverage) $(FUZZ)

# Checks that no byte of a key stays behind in the guest's memory.
secrets: packages-guest tests kernel
	@$(RECORD) "make secrets$(NOT_USUAL) BASE=$(BASE)" "cat $(RUN)-secrets/total" \
		scripts/secrets $(OBJ) $(RUN)-secrets

# All long runs; TIME= seconds for each part without an end of its own.
SOAK = $(MAKE) --no-print-directory BASE=$(BASE) TIME=$(or $(TIME),1800)
soak:
	@$(SOAK) kunit model secrets
	@$(SOAK) check STRESSED=20
	@$(SOAK) check DEBUG=1
	@$(SOAK) faults
	@$(SOAK) stress DEBUG=1
	@$(SOAK) check DEBUG=kcsan
	@$(SOAK) check DEBUG=modules
	@$(SOAK) stress DEBUG=kcsan
	@$(SOAK) coverage
	@$(SOAK) mutants
	@$(SOAK) fuzz
	@$(SOAK) results

# Puts the last results of the targets into the table of TESTING.md.
results:
	@scripts/record --table

presubmit: CHECK := 1
presubmit: lint contract callers mails bisectable model kunit secrets check keyutils cryptsetup bench

# --- tidy up ----------------------------------------------------------------

.PHONY: clean distclean packages-%
clean:
	rm -rf build/*/ours/.obj* build/*/stock/.obj* build/*/bisect/.obj build/*/kunit-* \
		build/tests build/tools build/model build/bench

distclean:
	rm -rf build $(CACHE)

packages-%:
	@scripts/packages $(if $(filter build,$*),$(PURPOSES),$*)
