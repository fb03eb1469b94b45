# quntools: one file, no configure. Sources are found by wildcard: a new program is cmd/NAME.c,
# lib/metric/NAME.c, man/NAME.1 and tests/NAME.t; a new format is lib/format/NAME.c and its sample.

VERSION = 0.1.0
PREFIX ?= /usr/local
CONFIG ?= release
BUILD ?= build
O = $(BUILD)/$(CONFIG)

CC ?= cc
CSTD = -std=c11 -D_GNU_SOURCE
WARN = -Wall -Wextra -Wshadow -Wvla -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wformat=2 -Wundef
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2
ifdef CI
WARN += -Werror
endif

OPT_release = -O2 -g $(HARDEN)
OPT_asan = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan = -O1 -g -fsanitize=thread
OPT_cov = -O0 -g --coverage
# nothing after a NULL is no bytes: C2y allows what clang minds
OPT_fuzz = -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=pointer-overflow -fno-sanitize-recover=all
LD_asan = -fsanitize=address,undefined
LD_tsan = -fsanitize=thread
LD_cov = --coverage

CPPFLAGS += -Iinclude -Ilib -Icmd -DQUN_VERSION='"$(VERSION)"'
CFLAGS += $(CSTD) $(OPT_$(CONFIG)) $(WARN) -MMD -MP
# Libraries that a run has to find and map first are a seventh of its start, so these are linked in;
# LINK=shared leaves them outside, as a distribution wants them.
LINK ?= static
LIBS = -lcsv -ljansson -lnettle -lpcre2-8 -lutf8proc -lz -lzstd -lxxhash
LINK_static = -Wl,-Bstatic $(LIBS) -Wl,-Bdynamic
LINK_shared = $(LIBS)
LDLIBS = $(LINK_$(LINK)) -lpthread -lm

LIB_SRC = $(sort $(wildcard lib/*/*.c lib/*/*/*.c))
LIB_OBJ = $(LIB_SRC:%.c=$(O)/%.o) $(O)/registry.o
COMMON_OBJ = $(patsubst %.c,$(O)/%.o,$(sort $(wildcard cmd/common/*.c)))
TOOLS = $(patsubst cmd/%.c,%,$(sort $(wildcard cmd/*.c)))
TOOL_BIN = $(TOOLS:%=$(O)/bin/%)
TEST_SRC = $(sort $(wildcard tests/*.c))
TEST_BIN = $(TEST_SRC:tests/%.c=$(O)/tests/%)
FUZZ = $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/*.c)))
BENCH_BIN = $(patsubst tests/bench/%.c,$(O)/bench/%,$(sort $(wildcard tests/bench/*.c)))
MO = $(patsubst cmd/common/%.po,$(O)/share/locale/%/LC_MESSAGES/quntools.mo,$(wildcard cmd/common/*.po))
# The definitions that --define prints are those the tests run.
SQL = $(patsubst tests/oracle/%,$(O)/share/quntools/sql/%,$(filter-out %/zone.sql,$(wildcard tests/oracle/*.sql)))

METRICS = $(sort $(basename $(notdir $(wildcard lib/metric/*.c))))
FORMATS = $(sort $(basename $(notdir $(wildcard lib/format/*.c))))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tests clean

all: $(TOOL_BIN) $(MO) $(SQL)

$(O)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# Files of lib/metric/ hold one descriptor qun_metric_NAME, those of lib/format/ one qun_format_NAME.
$(O)/registry.c: Makefile $(wildcard lib/metric lib/format) $(wildcard lib/metric/*.c lib/format/*.c)
	@mkdir -p $(@D)
	@{ echo '#include "qun/format.h"'; echo '#include "qun/metric.h"'; \
	for m in $(METRICS); do echo "extern const struct qun_metric qun_metric_$$m;"; done; \
	for f in $(FORMATS); do echo "extern const struct qun_format qun_format_$$f;"; done; \
	echo 'const struct qun_metric *const qun_metrics[] = {'; \
	for m in $(METRICS); do echo "	&qun_metric_$$m,"; done; echo '	NULL};'; \
	echo 'const struct qun_format *const qun_formats[] = {'; \
	for f in $(FORMATS); do echo "	&qun_format_$$f,"; done; echo '	NULL};'; } > $@

$(O)/registry.o: $(O)/registry.c
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(O)/libqun.a: $(LIB_OBJ)
	@rm -f $@
	@$(AR) rcs $@ $^

$(O)/bin/%: $(O)/cmd/%.o $(COMMON_OBJ) $(O)/libqun.a
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(LD_$(CONFIG)) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)

# What a program has beside cmd/NAME.c lies in cmd/NAME/.
$(foreach t,$(TOOLS),$(eval $(O)/bin/$t: $(patsubst %.c,$(O)/%.o,$(sort $(wildcard cmd/$t/*.c)))))

$(O)/tests/%: $(O)/tests/%.o $(O)/libqun.a
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(LD_$(CONFIG)) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lsqlite3

$(O)/share/locale/%/LC_MESSAGES/quntools.mo: cmd/common/%.po
	@mkdir -p $(@D)
	msgfmt -c -o $@ $<

$(O)/share/quntools/sql/%.sql: tests/oracle/%.sql
	@mkdir -p $(@D)
	@cp $< $@

# What make bench needs beside the programs: nothing of the library is in it.
$(O)/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< -lm -ldl

tests: $(TEST_BIN) $(BENCH_BIN)

clean:
	rm -rf $(BUILD)

-include $(wildcard $(O)/*.d $(O)/*/*.d $(O)/*/*/*.d $(O)/*/*/*/*.d $(O)/*/*/*/*/*.d)

# --- tests -----------------------------------------------------------------------------------------

.PHONY: check test asan tsan lint cov fuzz bench bench-bounds demo deps install uninstall dist

# Debian packages: to build, and to run the tests.
DEPS = gcc make libc6-dev libcsv-dev libjansson-dev nettle-dev libpcre2-dev libutf8proc-dev zlib1g-dev \
	libzstd-dev libxxhash-dev gettext tzdata
TEST_DEPS = perl sqlite3 libsqlite3-dev mandoc xz-utils zstd locales valgrind parallel
ROOT = $(if $(filter 0,$(shell id -u)),,sudo)
# $(1): packages. Says what is missing, then installs it; does nothing where all is there.
install_missing = @missing=; for p in $(1); do \
	dpkg-query -W -f '$${Status}\n' $$p 2>/dev/null | grep -q '^install ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "installing Debian packages:$$missing"; \
	$(ROOT) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(ROOT) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi

deps:
	$(call install_missing,$(DEPS))

test-deps: deps
	$(call install_missing,$(TEST_DEPS))

check: test-deps
	@$(MAKE) --no-print-directory test

# All tests on one build: C programs and scripts alike print TAP. QUN_READER=reference and QUN_THREADS=7
# before make test hold in every test that does not say otherwise.
test: all tests
	QUN_BUILD=$(O) prove -j2 --timer $(TEST_BIN) $(sort $(wildcard tests/*.t))

asan: test-deps
	@$(MAKE) --no-print-directory CONFIG=asan test

tsan: test-deps
	@$(MAKE) --no-print-directory CONFIG=tsan test

# Prints the main tables from the data that comes with the programs.
demo: deps
	@$(MAKE) --no-print-directory all
	@PATH="$(abspath $(O)/bin):$$PATH" sh examples/demo.sh

# The programs against DuckDB, ClickHouse and Miller; a peer that cannot be installed is left out.
# BENCH_MB=1000 BENCH_ROUNDS=5; see tests/bench/README.
bench: deps
	@$(MAKE) --no-print-directory all $(BENCH_BIN)
	-$(call install_missing,miller $(if $(shell command -v npm),,npm))
	@QUN_BUILD=$(O) sh tests/bench/run

# Measures the instructions of one record anew, where a change is meant to raise or lower them.
bench-bounds: test-deps
	@$(MAKE) --no-print-directory all $(BENCH_BIN)
	QUN_BUILD=$(O) BENCH_BOUNDS=write sh tests/instructions.t

# Looks for bytes on which the fast readers and the libraries differ, or anything crashes; what it finds
# lies in the current folder. Inputs of interest are kept beside the programs and come first next time.
SECONDS ?= 20
FUZZ_DEPS = clang libclang-rt-14-dev
fuzz: deps
	$(call install_missing,$(FUZZ_DEPS))
	@$(MAKE) --no-print-directory CONFIG=fuzz CC=clang $(FUZZ:%=fuzz-%)

fuzz-%: $(O)/fuzz/%
	@mkdir -p $(O)/corpus/$*
	ASAN_OPTIONS=quarantine_size_mb=1:$$ASAN_OPTIONS $< -max_total_time=$(SECONDS) -max_len=4096 -timeout=10 -print_final_stats=1 -artifact_prefix=$(O)/fuzz/ $(O)/corpus/$* tests/fuzz/corpus/$*

$(O)/fuzz/%: $(O)/tests/fuzz/%.o $(O)/libqun.a
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(OPT_fuzz) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LDLIBS)

lint:
	@$(call install_missing,$(TEST_DEPS))
	sh tests/lint.sh

cov:
	@$(MAKE) --no-print-directory CONFIG=cov test
	gcov -n -o $(BUILD)/cov $$(find $(BUILD)/cov/lib -name '*.gcda') 2>/dev/null | \
	awk '/^File .lib\// { f = $$2 } /^Lines executed/ && f { split($$2, a, /[:%]/); n += $$4; c += $$4 * a[2] / 100; print $$0, f; f = "" } END { printf "lib: %.1f%% of %d lines\n", 100 * c / n, n }'

DOC = $(DESTDIR)$(PREFIX)/share
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include/qun \
		$(DOC)/man/man1 $(DOC)/man/man5 $(DOC)/man/man7 $(DOC)/doc/quntools/examples
	install $(TOOL_BIN) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(O)/libqun.a $(DESTDIR)$(PREFIX)/lib
	install -m 644 include/qun/*.h $(DESTDIR)$(PREFIX)/include/qun
	install -m 644 $(wildcard man/*.1) $(DOC)/man/man1
	install -m 644 $(wildcard man/*.5) $(DOC)/man/man5
	install -m 644 $(wildcard man/*.7) $(DOC)/man/man7
	install -m 644 README NEWS LICENSE $(DOC)/doc/quntools
	install -m 644 $(wildcard examples/*) $(DOC)/doc/quntools/examples
	install -d $(DOC)/quntools/sql
	install -m 644 $(SQL) $(DOC)/quntools/sql
	for mo in $(MO:$(O)/share/%=%); do install -D -m 644 $(O)/share/$$mo $(DOC)/$$mo; done
	printf 'prefix=%s\nName: libqun\nDescription: metrics of chat communities\nVersion: %s\nLibs: -L$${prefix}/lib -lqun\nLibs.private: %s\nCflags: -I$${prefix}/include\n' \
		'$(PREFIX)' '$(VERSION)' '$(LIBS) -lpthread -lm' > $(DESTDIR)$(PREFIX)/lib/pkgconfig/libqun.pc
