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
# Inside the source tree, so that the compiler is given the same relative paths
# wherever the checkout is: that is what lets ccache share between kernels.
OBJ := $(SRC)/.obj$(VARIANT)
OBJ_OF = $(SRC)/.obj-$(1)$(COMPILED)
RUN := build/$(BASE)/run-$(KERNEL)$(VARIANT)

# What else a flavour or a base has.  The kernel of 6.12 is the one to measure, so
# nothing watches it; that of 6.1 has whatever catches mistakes and costs little.
WITH_debug = disturb watch kasan
WITH_kcsan = disturb
WITH_coverage = disturb kasan
WITH_fuzz = disturb watch kasan
WITH_6.1 = disturb watch kasan
# A kernel looks for one of them.
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

# Only our files are measured: what the base does is its own affair.  A name alone
# would also mean files of other folders, where kbuild says $(obj).
COVERED = $(shell git ls-files 'crypto/*.c' 'fs/*.c' 'security/*.c' | grep -v _kunit)
only = $(foreach name,$(sort $(notdir $(2))),$(1)_$(name:.c=.o)=$$(ONLY_$$(obj)/$(name))) \
	$(2:%=ONLY_%=y)
MEASURE_coverage = $(call only,GCOV_PROFILE,$(COVERED))
# The fuzzer is led by ways through our files alone.
MEASURE_fuzz = $(call only,KCOV_INSTRUMENT,$(COVERED))
# A race is between two, and what one frees another may use: the base's files that
# meet ours are watched with them.  The tree may not be there when make starts.
WATCHED = $(sort $(COVERED) $(shell cd $(SRC) 2>/dev/null && ls security/keys/*.c \
	crypto/af_alg.c crypto/algif_*.c fs/crypto/*.c lib/assoc_array.c kernel/umh.c))
# What orders their accesses is not watched, but its barriers have to be seen.
ORDERING = mutex rwsem semaphore spinlock qspinlock qrwlock percpu-rwsem workqueue \
	refcount llist kthread tree update srcutree task_work signal exit fork
MEASURE_kcsan = KCSAN_SANITIZE=n $(call only,KCSAN_SANITIZE,$(WATCHED)) \
	$(ORDERING:%=KCSAN_INSTRUMENT_BARRIERS_%.o=y)
# Only the kernel of DEBUG=1 has time to look at every access there is.
MEASURE_kasan = KASAN_SANITIZE=n $(call only,KASAN_SANITIZE,$(WATCHED))
ifneq ($(FLAVOUR),debug)
MEASURE = $(MEASURE_$(FLAVOUR)) \
	$(if $(filter kasan,$(EXTRAS)),$(MEASURE_kasan))
endif

CROSS_arm64 := aarch64-linux-gnu-
IMAGE_x86_64 := bzImage
IMAGE_arm64 := Image
# LOCALVERSION stands in for a "+" that the checkout's git would add.
export MAKEARGS = ARCH=$(ARCH) LOCALVERSION=-$(KERNEL)$(VARIANT) \
	$(if $(LLVM),LLVM=$(LLVM),CROSS_COMPILE=$(CROSS_$(ARCH))) $(MEASURE)
KMAKE = env -u MAKEFLAGS -u MAKELEVEL $(MAKE) $(if $(filter 1,$(V)),,-s) -C $(SRC) \
	O=.obj$(VARIANT) $$MAKEARGS
# Not in depend mode: without the preprocessor's output ccache does not see .incbin,
# and hands out an old kernel inside piggy.o.  "ccache" was filled in that mode.
export CCACHE_DIR = $(CACHE)/compiled
export CCACHE_NOHASHDIR = 1
# A header made a second ago is as good as an old one: its contents count.
export CCACHE_SLOPPINESS = include_file_mtime,include_file_ctime
export CCACHE_MAXSIZE = 10G
export KBUILD_BUILD_TIMESTAMP = @0
export KBUILD_BUILD_USER = linux-keys
export KBUILD_BUILD_HOST = localhost
# Debian's own programs first: it is their versions that the scripts ask for.
# Who is not root has no sbin there.
export PATH := /usr/lib/ccache:/usr/bin:$(PATH):/usr/sbin:/sbin

SERIES := python3 scripts/series
STEP = . scripts/lib.sh && step
RECORD = scripts/record
# What stands in a command where the kernel is not ours as it is.
NOT_USUAL = $(if $(filter stock,$(KERNEL)), KERNEL=stock)$(DEBUG:%= DEBUG=%)
# A kernel at hand, built for this base, kernel and flavour.
AGAIN = $(MAKE) --no-print-directory BASE=$(1) KERNEL=$(KERNEL) DEBUG=$(DEBUG)
# What is to be made is made one after the other; kbuild has its own -j.
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
		STRESSED=$(STRESSED) scripts/check $(BASES)

# A mistyped name is told before anything is built.
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

# The Makefile says which fragments there are, the base which options.
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

# The tests are built from the 6.12 tree for every kernel: its harness knows
# more than the one of 6.1.
tests: packages-build
	@$(call AGAIN,6.12) KERNEL=ours tree
	@$(STEP) TESTS "kselftests" build/log/tests scripts/tests $(CURDIR)/build/tests

tools: packages-build packages-guest
	@$(call AGAIN,$(BASE)) KERNEL=ours tree
	@$(STEP) TOOLS "tools/keys" build/log/tools scripts/tools build/$(BASE)/ours

deb: packages-build packages-deb tree
	@scripts/deb $(BASE) $(CONFIG)

deb-tools: packages-build packages-deb packages-deb-tools packages-guest
	@$(call AGAIN,6.12) KERNEL=ours tree
	@scripts/deb-tools build/6.12/ours

# --- guest ------------------------------------------------------------------

.PHONY: shell gdb terminal qemu-cmd
shell: packages-guest tests tools kernel
	@scripts/run shell $(OBJ) $(RUN)

# One test or all are run, if T= says so, and then a prompt comes.
GDB_RUN = build/$(BASE)/run-gdb
gdb: names packages-guest packages-gdb tests tools
	@$(call AGAIN,$(BASE)) DEBUG=$(or $(DEBUG),gdb) kernel
	@T="$(T)" R="$(R)" scripts/run gdb $(call OBJ_OF,$(or $(FLAVOUR),gdb)) $(GDB_RUN)

terminal:
	@scripts/terminal $(GDB_RUN)/terminal

# Its output is the command, and nothing else.
qemu-cmd:
	@$(call AGAIN,$(BASE)) packages-guest tests tools kernel >&2
	@scripts/run cmd $(OBJ) $(RUN)

# --- judges -----------------------------------------------------------------

.PHONY: kunit lint contract callers bench keyutils model coverage faults fuzz
.PHONY: secrets stress mutants soak results presubmit pkcs11 peers cryptsetup
kunit: packages-build packages-guest tree
	@scripts/kunit $(BASE) $(or $(KUNIT_ARCH),um x86_64)

contract:
	@scripts/contract

lint: packages-lint packages-build packages-llvm
	@scripts/lint $(BASES)

# Who requests keys in the kernel, whether or not the guest has a use for it.
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

# Somebody else's tests.  BEFORE= names a file of shell that is run in the guest
# first, to have them answered by something else than the helper program.
keyutils: packages-guest packages-series kernel $(if $(BEFORE),tools)
	@$(call AGAIN,6.12) KERNEL=ours tree
	@scripts/source guest/keyutils/source build/keyutils
	@T="$(T)" BEFORE=$(BEFORE) $(if $(T)$(BEFORE),,$(RECORD) \
		"make keyutils BASE=$(BASE) KERNEL=$(KERNEL)" \
		"scripts/results --total $(RUN)-keyutils/counts") \
		scripts/run keyutils $(OBJ) $(RUN)-keyutils

# Keys by libkeys-pkcs11.so, with a disk of programs that use them.
pkcs11: packages-guest packages-series packages-pkcs11 kernel
	@$(call AGAIN,6.12) KERNEL=ours tree
	@T="$(T)" $(if $(T),,$(RECORD) \
		"make pkcs11$(NOT_USUAL) BASE=$(BASE)" \
		"scripts/results --total $(RUN)-pkcs11/counts") \
		scripts/run pkcs11 $(OBJ) $(RUN)-pkcs11

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

# The order of every step of a request, and not only those that a test meets.
model: packages-model
	@$(RECORD) "make model" "grep -m 1 'every claim holds' build/log/model" \
		sh -c '$(STEP) MODEL "tools/verification/keys" build/log/model \
		$(MAKE) -C tools/verification/keys OUTPUT=$(CURDIR)/build/model/'
	@cat build/log/model

# FAULTS=1 adds the tests with each of their calls failing, an hour more.
coverage: names packages-guest packages-compat packages-coverage tests
	@$(call AGAIN,$(BASE)) DEBUG=coverage kernel
	@T="$(T)" R="$(R)" FAULTS=$(FAULTS) $(if $(T),,$(RECORD) \
		"make coverage$(FAULTS:%= FAULTS=%) BASE=$(BASE)" \
		"cat build/$(BASE)/run-coverage/total") \
		scripts/coverage build/$(BASE)/ours $(call OBJ_OF,coverage) build/$(BASE)/run-coverage

# Every allocation and copy of every call that the tests make fails once.
FAULTS_RUN = build/$(BASE)/run-faults
faults: names packages-guest packages-compat tests
	@$(call AGAIN,$(BASE)) DEBUG=$(or $(DEBUG),1) kernel
	@T="$(T)" R="$(R)" $(if $(T),,$(RECORD) \
		"make faults DEBUG=$(or $(DEBUG),1) BASE=$(BASE)" "cat $(FAULTS_RUN)/total") \
		scripts/faults $(call OBJ_OF,$(or $(FLAVOUR),debug)) $(FAULTS_RUN)

# One kernel has all faults, switched on in turn.
mutants: packages-guest packages-compat tests base
	@T="$(T)" scripts/mutants $(BASE) $(FRAGMENTS)

stress: packages-guest tests kernel
	@TIME=$(TIME) $(RECORD) "make stress$(NOT_USUAL) BASE=$(BASE)" \
		"tail -n 1 $(RUN)-stress/output" scripts/run stress $(OBJ) $(RUN)-stress

# A kernel with KCOV guides it.
FUZZ = build/$(BASE)/run-fuzz
fuzz: packages-guest tests
	@$(call AGAIN,$(BASE)) DEBUG=fuzz kernel
	@TIME=$(TIME) SEED=$(SEED) $(RECORD) "make fuzz BASE=$(BASE)" \
		"sed -n 's/^done //p' $(FUZZ)/output" \
		scripts/run fuzz $(call OBJ_OF,fuzz) $(FUZZ)

# No byte of a key stays behind in the guest's memory.
secrets: packages-guest tests kernel
	@$(RECORD) "make secrets$(NOT_USUAL) BASE=$(BASE)" "cat $(RUN)-secrets/total" \
		scripts/secrets $(OBJ) $(RUN)-secrets

# All that takes long; TIME= seconds for each part that goes on for as long as it
# may.
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

# What the targets came to last, into the table of TESTING.md.
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
