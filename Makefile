# SPDX-License-Identifier: GPL-2.0-or-later
# make            build everything below $(BUILD)
# make SANITIZE=1 the same with ASan and UBSan, below build-asan (build-clang… with CC=clang)
# sudo make run   a working zone on this machine          sudo make check   every test
# make lint | fuzz | bench | install DESTDIR=

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
SANITIZE ?= 0
FUZZ ?= 0
PREFIX ?= /usr
SYSCONFDIR ?= /etc
BUILD ?= build$(if $(filter-out gcc,$(notdir $(CC))),-$(notdir $(CC)))$(if $(filter-out 0,$(SANITIZE)),-asan)

PACKAGES = libevent libnl-3.0 libnl-route-3.0 libnftnl libmnl libnftables sqlite3 jansson libsodium \
	libconfuse libmicrohttpd gnutls libseccomp libcap libqrencode md4c

WARNINGS = -Wall -Wextra -Wconversion -Wshadow -Werror -Wmissing-prototypes -Wstrict-prototypes \
	-Wformat=2 -Wundef -Wvla
HARDENING = -fstack-protector-strong -fPIE -fno-strict-aliasing
LINK_HARDENING = -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
ifeq ($(SANITIZE),0)
OPTIMISE = -O2 -g
HARDENING += -D_FORTIFY_SOURCE=2 -fstack-clash-protection
else
OPTIMISE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
	-DZONA_SANITIZE
endif
ifneq ($(FUZZ),0)
OPTIMISE += -fsanitize=fuzzer-no-link
endif

VERSION := $(shell sed -n 's/^## \([0-9][^ ]*\).*/\1/p' NEWS.md 2>/dev/null | head -n 1)
CPPFLAGS += -I. -D_GNU_SOURCE -DZONA_VERSION='"$(or $(VERSION),0)"'
CFLAGS += -std=gnu17 $(OPTIMISE) $(WARNINGS) $(HARDENING)
LDFLAGS += $(OPTIMISE) $(LINK_HARDENING)
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
CPPFLAGS += $(PKG_CFLAGS)
LIBS = $(shell pkg-config --libs $(PACKAGES)) -lpthread

# One short line a file; V=1 shows the commands.
V ?= 0
ifeq ($(V),0)
say = @printf '  %-5s %s\n' $(1) $(2);
else
say =
endif

# ---- static libraries: everything but main.c -----------------------------------------------------
sources = $(filter-out %/main.c,$(foreach d,$(1),$(wildcard $(d)/*.c)))
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

COMMON_SRC := $(call sources,common)
POLICIES_SRC := $(call sources,policies)
CONTROLLER_SRC := $(call sources,controller controller/session controller/kernel \
	controller/accounting controller/control)
PORTAL_SRC := $(call sources,portal)
ZONACTL_SRC := $(call sources,controller/zonactl)

LIB_COMMON = $(BUILD)/libzona-common.a
LIB_POLICIES = $(BUILD)/libzona-policies.a
LIB_CONTROLLER = $(BUILD)/libzona-controller.a
LIB_PORTAL = $(BUILD)/libzona-portal.a
LIB_ZONACTL = $(BUILD)/libzona-zonactl.a
ARCHIVES = $(LIB_CONTROLLER) $(LIB_PORTAL) $(LIB_ZONACTL) $(LIB_POLICIES) $(LIB_COMMON)

PROGRAMS = $(BUILD)/zona-controller $(BUILD)/zona-portal $(BUILD)/zonactl
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
LAB_TOOLS = $(patsubst tests/lab/%.c,$(BUILD)/lab/%,$(wildcard tests/lab/*.c))

.PHONY: all
all: $(PROGRAMS)

$(LIB_COMMON): $(call objects,$(COMMON_SRC))
$(LIB_POLICIES): $(call objects,$(POLICIES_SRC))
$(LIB_CONTROLLER): $(call objects,$(CONTROLLER_SRC))
$(LIB_PORTAL): $(call objects,$(PORTAL_SRC))
$(LIB_ZONACTL): $(call objects,$(ZONACTL_SRC))
$(BUILD)/libzona-%.a:
	@rm -f $@
	$(call say,AR,$@)$(AR) rcs $@ $^

$(BUILD)/zona-controller: $(BUILD)/obj/controller/main.o $(LIB_CONTROLLER) $(LIB_POLICIES) $(LIB_COMMON)
$(BUILD)/zona-portal: $(BUILD)/obj/portal/main.o $(LIB_PORTAL) $(LIB_POLICIES) $(LIB_COMMON)
$(BUILD)/zonactl: $(BUILD)/obj/controller/zonactl/main.o $(LIB_ZONACTL) $(LIB_COMMON)
$(PROGRAMS):
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Files that are compiled in with .incbin are not seen by -MMD.
$(BUILD)/obj/portal/assets.o: $(wildcard portal/pages/* portal/messages/*)
$(BUILD)/obj/portal/lesson_set.o: $(wildcard portal/content/*/*)
$(BUILD)/obj/controller/kernel/base.o: controller/kernel/base.nft
$(BUILD)/obj/controller/accounting/journal.o: controller/accounting/schema.sql

# ---- tests ---------------------------------------------------------------------------------------
$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $< $(ARCHIVES) $(LIBS) $(shell pkg-config --libs cmocka)

$(BUILD)/lab/%: $(BUILD)/obj/tests/lab/%.o $(LIB_COMMON)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $< $(LIB_COMMON) -lpthread

# Set by tests/fuzz/fuzz: FUZZ=1 SANITIZE=1 CC=clang.
$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(ARCHIVES) $(LIBS)

.PHONY: unit-tests lab
unit-tests: $(UNIT_TESTS)
lab: $(LAB_TOOLS)

.PHONY: check run bench
check: ; @tests/check
run: ; @tests/run
bench: ; @tests/bench/bench

.PHONY: screenshots
screenshots: ; @tests/screenshots

.PHONY: fuzz
fuzz: ; @tests/fuzz/fuzz

.PHONY: lint
lint: ; @tests/lint

# ---- installation --------------------------------------------------------------------------------
HOOKS = firmware-hooks
UNITS = $(wildcard $(HOOKS)/systemd/*.service)
SYSTEMD = $(DESTDIR)$(PREFIX)/lib/systemd/system
SHARE = $(DESTDIR)$(PREFIX)/share
EXAMPLES = $(SHARE)/doc/zona/examples

.PHONY: install install-programs install-system install-documents install-configuration
install: install-programs install-system install-documents install-configuration

install-programs: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BUILD)/zona-controller $(BUILD)/zona-portal $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(BUILD)/zonactl $(DESTDIR)$(PREFIX)/bin/

# The units name programs below /usr; another PREFIX is put in their place.
install-system:
	install -d $(SYSTEMD)/dnsmasq.service.d
	install -m 644 $(UNITS) $(SYSTEMD)/
	sed -i 's|/usr/\(s\?bin\)/zona|$(PREFIX)/\1/zona|' $(addprefix $(SYSTEMD)/,$(notdir $(UNITS)))
	install -m 644 $(HOOKS)/systemd/dnsmasq.service.d/zona.conf $(SYSTEMD)/dnsmasq.service.d/
	for d in sysctl.d modules-load.d sysusers.d tmpfiles.d; do \
		install -D -m 644 $(HOOKS)/$$d/zona.conf $(DESTDIR)$(PREFIX)/lib/$$d/zona.conf || exit; done
	install -D -m 644 $(HOOKS)/completion/zonactl.bash $(SHARE)/bash-completion/completions/zonactl
	install -D -m 644 $(HOOKS)/completion/_zonactl $(SHARE)/zsh/vendor-completions/_zonactl

install-documents:
	install -D -m 644 -t $(SHARE)/man/man1 docs/zonactl.1
	install -D -m 644 -t $(SHARE)/man/man5 docs/gateway.conf.5
	install -D -m 644 -t $(SHARE)/man/man8 docs/zona-controller.8 docs/zona-portal.8
	install -D -m 644 -t $(SHARE)/doc/zona README.md README.es.md NEWS.md docs/*.md
	install -D -m 644 -t $(EXAMPLES)/dnsmasq $(HOOKS)/dnsmasq/zone.conf
	install -D -m 644 -t $(EXAMPLES)/hostapd $(HOOKS)/hostapd/hostapd.conf
	install -D -m 755 -t $(EXAMPLES)/openwrt/init.d $(HOOKS)/openwrt/init.d/*
	install -D -m 755 -t $(EXAMPLES)/openwrt/hotplug.d/iface $(HOOKS)/openwrt/hotplug.d/iface/*

# Policies that an operator has changed stay: a file that is there is not replaced.
install-configuration: all
	install -d $(DESTDIR)$(SYSCONFDIR)/zona/policies/classes $(DESTDIR)$(SYSCONFDIR)/zona/policies/zones
	$(BUILD)/zona-controller --print-sample >$(DESTDIR)$(SYSCONFDIR)/zona/gateway.conf.sample
	chmod 644 $(DESTDIR)$(SYSCONFDIR)/zona/gateway.conf.sample
	for f in policies/classes/*.conf policies/zones/*.conf; do \
		to=$(DESTDIR)$(SYSCONFDIR)/zona/$$f; \
		test -e $$to || install -m 644 $$f $$to || exit; done

.PHONY: clean
clean:
	rm -rf build build-*

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
.SECONDARY:
