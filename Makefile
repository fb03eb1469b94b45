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
LD_asan = -fsanitize=address,undefined
LD_tsan = -fsanitize=thread
LD_cov = --coverage

CPPFLAGS += -Iinclude -Ilib -Icmd -DQUN_VERSION='"$(VERSION)"'
CFLAGS += $(CSTD) $(OPT_$(CONFIG)) $(WARN) -MMD -MP
LDLIBS = -lcsv -ljansson -lpcre2-8 -lutf8proc -lz -lzstd -lpthread -lm

LIB_SRC = $(sort $(wildcard lib/*/*.c))
LIB_OBJ = $(LIB_SRC:%.c=$(O)/%.o) $(O)/registry.o
COMMON_OBJ = $(patsubst %.c,$(O)/%.o,$(sort $(wildcard cmd/common/*.c)))
TOOLS = $(patsubst cmd/%.c,%,$(sort $(wildcard cmd/*.c)))
TOOL_BIN = $(TOOLS:%=$(O)/bin/%)
TEST_SRC = $(sort $(wildcard tests/*.c))
TEST_BIN = $(TEST_SRC:tests/%.c=$(O)/tests/%)
MO = $(patsubst cmd/common/%.po,$(O)/share/locale/%/LC_MESSAGES/quntools.mo,$(wildcard cmd/common/*.po))

METRICS = $(sort $(basename $(notdir $(wildcard lib/metric/*.c))))
FORMATS = $(sort $(basename $(notdir $(wildcard lib/format/*.c))))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tests clean

all: $(TOOL_BIN) $(MO)

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

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
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(O)/libqun.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(O)/bin/%: $(O)/cmd/%.o $(COMMON_OBJ) $(O)/libqun.a
	@mkdir -p $(@D)
	$(CC) $(LD_$(CONFIG)) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(O)/tests/%: $(O)/tests/%.o $(O)/libqun.a
	@mkdir -p $(@D)
	$(CC) $(LD_$(CONFIG)) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lsqlite3

$(O)/share/locale/%/LC_MESSAGES/quntools.mo: cmd/common/%.po
	@mkdir -p $(@D)
	msgfmt -c -o $@ $<

tests: $(TEST_BIN)

clean:
	rm -rf $(BUILD)

-include $(wildcard $(O)/*/*.d $(O)/*/*/*.d $(O)/*.d)
