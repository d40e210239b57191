# Bulkhead. `make help` lists what can be made.
# Everything that is made lies under $(BUILD); two builds in two folders never meet.

BUILD   ?= build
# One folder has one name, however it was given: dependency files know their targets by it.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))
PREFIX  ?= /usr
VERSION := $(shell cat VERSION)
CC      ?= gcc
MAKEFLAGS += --no-builtin-rules # else the dependency files, being targets too, would be linked from objects
Q       := $(if $(V),,@)
STRIP   ?= -s
UNITDIR ?= /usr/lib/systemd/system

# --- flags -------------------------------------------------------------------------------------
WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
           -Wpointer-arith -Wcast-align -Wvla -Wformat=2 -Wformat-signedness -Wundef -Wimplicit-fallthrough
ARCH    := $(shell command -v $(CC) >/dev/null && $(CC) -dumpmachine)
HARDEN  := -fstack-clash-protection -fstack-protector-strong -ftrivial-auto-var-init=zero \
           -fno-strict-overflow -fno-strict-aliasing -fPIE \
           $(if $(findstring x86_64,$(ARCH)),-fcf-protection=full) \
           $(if $(findstring aarch64,$(ARCH)),-mbranch-protection=standard)
OPT     ?= -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
SANITIZE ?=
EXTRA   ?=
ALLFLAGS = -std=gnu17 -D_GNU_SOURCE $(OPT) -g $(WARN) $(HARDEN) $(SANITIZE) $(EXTRA) \
           -DBULKHEAD_VERSION='"$(VERSION)"' -iquote libnas -iquote . -iquote $(BUILD)/gen -MMD -MP $(CFLAGS)
LINK     = $(SANITIZE) $(EXTRA) -fPIE -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed,--gc-sections $(LDFLAGS)

# --- one foreign library, one door ---------------------------------------------------------------
pkg = $(shell command -v pkg-config >/dev/null && pkg-config --$(2) $(1))
CFLAGS_db   := $(call pkg,libpq,cflags)
LIBS_base := $(call pkg,libsodium,libs)
LIBS_db   := $(call pkg,libpq,libs)
# Only tests: another reader of JSON to compare with, and the peer of a figure.
PEER_CFLAGS := $(shell pkg-config --cflags json-c 2>/dev/null)
PEER_LIBS   := $(shell pkg-config --libs json-c 2>/dev/null)
LIBS_sys  := $(call pkg,libevent_core,libs)
LIBS_jail := $(call pkg,libseccomp libcap,libs)
LIBS_serve := $(call pkg,libsystemd,libs)
LIBS_tls   := $(call pkg,libssl libcrypto,libs)
LIBS_http  := -lwslay $(call pkg,zlib,libs)

# --- sources -------------------------------------------------------------------------------------
# Each folder may use only those before it (tests/arch).
FOLDERS   := base value sys ticket plan jail act json wire tls http db ledger state serve
CONTRACTS := $(wildcard ipc/nas.*.varlink)
DAEMON_CONTRACTS := $(filter-out ipc/nas.error.varlink,$(CONTRACTS))
GEN_NAMES := $(foreach c,$(DAEMON_CONTRACTS),$(subst .,_,$(basename $(notdir $(c)))))
GEN       := $(BUILD)/gen/stamp

objects  = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(1)))
# Parts that only one side links stand apart: the signing half of ticket/, the hand's half of sys/ and serve/.
OBJ_sign  := $(BUILD)/obj/libnas/ticket/sign.o
OBJ_hand  := $(BUILD)/obj/libnas/serve/hand.o
OBJ_front := $(BUILD)/obj/libnas/serve/front.o $(BUILD)/obj/libnas/serve/process.o
OBJ_loop  := $(BUILD)/obj/libnas/sys/loop.o
OBJ_unit  := $(BUILD)/obj/libnas/act/unit.o
$(foreach f,$(FOLDERS),$(eval OBJ_$(f) := $(call objects,libnas/$(f)/*.c)))
OBJ_ticket := $(filter-out $(OBJ_sign),$(OBJ_ticket))
OBJ_sys    := $(filter-out $(OBJ_loop),$(OBJ_sys))
OBJ_act    := $(filter-out $(OBJ_unit),$(OBJ_act))
OBJ_serve  := $(filter-out $(OBJ_hand) $(firstword $(OBJ_front)),$(OBJ_serve))
OBJ_policy := $(call objects,$(filter-out policy/project.c,$(wildcard policy/*.c)))
OBJ_compiler := $(call objects,ipc/compiler/*.c)
OBJ_idl   := $(filter-out $(BUILD)/obj/ipc/compiler/main.o,$(OBJ_compiler)) # the parser as a library
OBJ_gen   := $(foreach n,$(GEN_NAMES),$(BUILD)/obj/gen/$(n).o)

HAND_FOLDERS  := base value sys ticket plan act jail
FRONT_FOLDERS := base value sys ticket json wire tls http jail
# Between two tools; it has no rights.
OBJ_carrier := $(call objects,$(addprefix daemons/storage/carrier/,pipes.c stream.c pace.c))
CARRIER_FOLDERS := base sys
FAR_FOLDERS := base value sys
RECEIVER_FOLDERS := base value sys
SWEEPER_FOLDERS := base value sys
CLERK_FOLDERS := base value sys ticket plan json wire db jail ledger state serve
# What one daemon's side needs beyond that: folders of libnas, and a hand's own foreign libraries.
CLERK_FOLDERS_network := tls
# The modules clerk reads contracts and views of others at run time.
CLERK_OBJECTS_modules = $(OBJ_idl) $(call objects,$(filter-out web/check/main.c,$(wildcard web/check/*.c)))
CLERK_LIBS_storage := $(call pkg,libatasmart,libs)
HAND_LIBS_users := -lpam -lcrypt $(call pkg,liboath,libs)
HAND_OBJECTS_users = $(OBJ_sign)
HAND_LIBS_storage := $(call pkg,libbtrfsutil libsystemd,libs)
HAND_OBJECTS_storage = $(OBJ_unit) # of the hands that have PID 1 do something
HAND_LIBS_shares := $(call pkg,libsystemd,libs)
HAND_OBJECTS_shares = $(OBJ_unit)
HAND_LIBS_modules := $(call pkg,libsystemd,libs)
HAND_OBJECTS_modules = $(OBJ_unit)
library = $(foreach f,$(1),$(BUILD)/libnas-$(f).a)
libs    = $(foreach f,$(1),$(LIBS_$(f)))

# The daemons: a folder each, with a main.c for each side that it has.
sides  = $(patsubst daemons/%/$(1)/main.c,%,$(wildcard daemons/*/$(1)/main.c))
CLERKS := $(call sides,clerk)
HANDS  := $(call sides,hand)
DAEMON_PROGRAMS := $(CLERKS:%=%-clerk) $(HANDS:%=%-hand)
PROGRAMS := bulkhead-migrate bulkhead-doctor $(DAEMON_PROGRAMS) storage-generator host mount-known storage-carrier storage-far receive-only transfers rsync-shell shares-sweeper homes wsd tell-backups exports quotas pool-work moment disk-light ceph-look zfs-look zfs-mount zfs-set zfs-work nfs-clients directory-people names smb-names.so api bulkhead ipc-compiler policy-print

.PHONY: all help clean
all: $(addprefix $(BUILD)/,$(PROGRAMS)) $(BUILD)/views.checked $(BUILD)/web/index.html

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

clean: ## remove what was made
	rm -rf $(BUILD)

# --- rules ---------------------------------------------------------------------------------------
$(BUILD)/obj/libnas/db/%.o:   ALLFLAGS += $(CFLAGS_db)

$(BUILD)/obj/%.o: %.c | $(if $(filter ipc-only,$(MAKECMDGOALS)),,)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(ALLFLAGS) -c $< -o $@

$(BUILD)/obj/gen/%.o: $(GEN)
	@mkdir -p $(@D)
	@echo "  CC    gen/$*.c"
	$(Q)$(CC) $(ALLFLAGS) -c $(BUILD)/gen/$*.c -o $@

define folder_library
$(BUILD)/libnas-$(1).a: $$(OBJ_$(1))
	@echo "  AR    $$@"
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_library,$(f))))

$(GEN): $(BUILD)/ipc-compiler $(CONTRACTS)
	@mkdir -p $(@D)
	@echo "  IPC   $(@D)"
	$(Q)$(BUILD)/ipc-compiler $(@D) $(CONTRACTS)
	@touch $@

# Whatever includes a generated header waits for it.
$(call objects,daemons/*/clerk/*.c) $(call objects,cli/*.c) $(OBJ_state) $(OBJ_serve) $(OBJ_hand): | $(GEN)

link = $(if $(V),,@echo "  LINK  $@"; )$(CC) $(LINK) -o $@

$(BUILD)/ipc-compiler: $(OBJ_compiler) $(call library,value base json)
	$(link) $(OBJ_compiler) -Wl,--start-group $(call library,value base json) -Wl,--end-group $(call libs,base json)

$(BUILD)/policy-print: $(BUILD)/obj/policy/project.o $(call objects,policy/project/*.c) $(OBJ_idl) $(OBJ_policy) $(call library,jail plan value json base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,jail json base)

$(BUILD)/bulkhead-migrate: $(BUILD)/obj/sql/migrate.o $(call library,db sys base)
	$(link) $^ $(call libs,db sys base)

$(foreach d,$(CLERKS),$(eval CLERK_$(d) := $(call objects,daemons/$(d)/clerk/*.c)))
# $(1): the daemon; $(2): "" or "drill/"; $(3): the jail to link.
define clerk_program
$(BUILD)/$(2)$(1)-clerk: $$(CLERK_$(1)) $$(BUILD)/obj/gen/nas_$(1).o $$(BUILD)/obj/gen/nas_$(1)_serve.o \
		$$(BUILD)/obj/gen/nas_job.o $$(BUILD)/obj/gen/nas_job_serve.o $$(OBJ_policy) $$(OBJ_loop) $$(CLERK_OBJECTS_$(1)) \
		$$(patsubst %-jail.a,%-$(3).a,$$(call library,$$(CLERK_FOLDERS) $$(CLERK_FOLDERS_$(1))))
	@mkdir -p $$(@D)
	$$(link) $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group \
		$$(call libs,$$(CLERK_FOLDERS) $$(CLERK_FOLDERS_$(1))) $$(CLERK_LIBS_$(1))
endef
$(foreach d,$(CLERKS),$(eval $(call clerk_program,$(d),,jail)))

# The front end has the contracts' parser in it: it reads them when it starts.
OBJ_api := $(call objects,daemons/api/*.c daemons/api/stream/*.c)
$(BUILD)/obj/daemons/api/contracts.o: ALLFLAGS += '-DBULKHEAD_OWN_CONTRACTS="$(basename $(notdir $(CONTRACTS)))"'
$(BUILD)/obj/daemons/api/contracts.o: $(CONTRACTS)
# $(1): "" or "drill/"; $(2): the jail to link.
define front_program
$(BUILD)/$(1)api: $$(OBJ_api) $$(OBJ_front) $$(OBJ_idl) $$(OBJ_policy) $$(OBJ_loop) \
		$$(patsubst %-jail.a,%-$(2).a,$$(call library,$$(FRONT_FOLDERS)))
	@mkdir -p $$(@D)
	$$(link) $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(call libs,$$(FRONT_FOLDERS))
endef
$(eval $(call front_program,,jail))

$(foreach d,$(HANDS),$(eval HAND_$(d) := $(call objects,daemons/$(d)/hand/*.c) $(HAND_OBJECTS_$(d))))
define hand_program
$(BUILD)/$(2)$(1)-hand: $$(HAND_$(1)) $$(OBJ_hand) $$(OBJ_policy) $$(patsubst %-jail.a,%-$(3).a,$$(call library,$$(HAND_FOLDERS)))
	@mkdir -p $$(@D)
	$$(link) $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group \
		$$(call libs,base jail) $$(HAND_LIBS_$(1))
endef
$(foreach d,$(HANDS),$(eval $(call hand_program,$(d),,jail)))

# Run by systemd as root, which learns from it how pools are mounted.
$(BUILD)/storage-generator: $(call objects,systemd/generator/*.c) $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Started by systemd when the machine's name, time zone or addresses are others.
$(BUILD)/host: $(BUILD)/obj/systemd/host.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base serve)

# Run by systemd when a pool was mounted.
$(BUILD)/mount-known: $(BUILD)/obj/systemd/mount_known.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base serve)

# What accounts have for a shell where rsync is served.
$(BUILD)/rsync-shell: $(patsubst %,$(BUILD)/obj/systemd/transfers/rsync_%.o,shell daemon) $(call library,jail value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base jail)

# Run by systemd as root, which shows folders to the servers with it.
$(BUILD)/transfers: $(filter-out %/rsync_shell.o %/rsync_daemon.o,$(call objects,systemd/transfers/*.c)) $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd, to make what accounts have of their own in shares.
$(BUILD)/homes: $(BUILD)/obj/systemd/homes.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd, to find this machine in a network.
$(BUILD)/wsd: $(BUILD)/obj/systemd/wsd.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)
$(BUILD)/tell-backups: $(BUILD)/obj/systemd/tell_backups.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd as root, which shows the kernel's NFS server what it is to serve.
$(BUILD)/exports: $(BUILD)/obj/systemd/exports.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd, to look at who uses the kernel's NFS server, and to end that.
$(BUILD)/nfs-clients: $(BUILD)/obj/systemd/nfs_clients.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd, to look whether who is of the directory and has something running is still let in.
$(BUILD)/directory-people: $(BUILD)/obj/systemd/directory_people.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lpam $(call libs,base)

# Run by systemd, to say who of the domain or the directory has which number.
$(BUILD)/names: $(BUILD)/obj/systemd/names.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd, to say who has how much in a pool, and to let them have no more.
$(BUILD)/quotas: $(BUILD)/obj/systemd/quotas.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd, to compare the disks of arrays, and to make pools as large as their disks.
$(BUILD)/pool-work: $(call objects,systemd/pool-work/*.c) $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd, to keep several datasets as they are at one moment.
$(BUILD)/moment: $(call objects,systemd/moment/*.c) $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base) $(call pkg,libbtrfsutil,libs)

# Run by systemd, to light the lamp at a disk's place.
$(BUILD)/disk-light: $(BUILD)/obj/systemd/light.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd, to say how much is in a pool of a Ceph cluster.
$(BUILD)/ceph-look: $(BUILD)/obj/systemd/ceph_look.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd, to say what ZFS tells of a pool, and to mount one.
$(BUILD)/zfs-look: $(BUILD)/obj/systemd/zfs_look.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

$(BUILD)/zfs-mount: $(BUILD)/obj/systemd/zfs_mount.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd, to make pools of ZFS's and to change them.
$(BUILD)/zfs-work: $(BUILD)/obj/systemd/zfs_work.o $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Run by systemd, to change what is in a pool of ZFS's.
$(BUILD)/zfs-set: $(call objects,systemd/zfs-set/*.c) $(call library,value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# In Samba's server, between it and what asks the domain.
$(BUILD)/smb-names.so: systemd/smb_names.c
	@echo "  LINK  $@"
	$(Q)$(CC) $(ALLFLAGS) $(call pkg,wbclient,cflags) -fPIC -shared $(LDFLAGS) -o $@ $<

$(BUILD)/storage-carrier: $(call objects,daemons/storage/carrier/*.c) $(call library,$(CARRIER_FOLDERS))
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# Between a tool and another machine; it has the network and no other right.
$(BUILD)/storage-far: $(call objects,daemons/storage/far/*.c) $(OBJ_carrier) $(call library,$(FAR_FOLDERS))
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# What a key may do that is let in to receive snapshots only.
$(BUILD)/receive-only: $(call objects,daemons/storage/receiver/*.c daemons/storage/far/commands.c) $(call library,$(RECEIVER_FOLDERS))
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

$(BUILD)/shares-sweeper: $(call objects,daemons/shares/sweeper/*.c) $(call library,$(SWEEPER_FOLDERS))
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

$(BUILD)/bulkhead: $(call objects,cli/*.c) $(OBJ_idl) $(OBJ_policy) $(call library,base value sys ticket plan json wire)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base json)

# The doctor needs what the command line does not: certificates. One file a family of checks.
DOCTOR_FOLDERS := base value sys ticket plan json tls
OBJ_doctor := $(call objects,$(filter-out cli/doctor/main.c,$(wildcard cli/doctor/*.c)))
$(BUILD)/bulkhead-doctor: $(BUILD)/obj/cli/doctor/main.o $(OBJ_doctor) $(OBJ_policy) $(call library,$(DOCTOR_FOLDERS))
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,$(DOCTOR_FOLDERS))

# --- the pages -------------------------------------------------------------------------------------
# As they are served, under $(BUILD)/web. The tools are fetched when package-lock.json is another, into $(BUILD)/web-npm.
.PHONY: web
web: $(BUILD)/views.checked $(BUILD)/web/index.html ## the pages as they are served, under $(BUILD)/web (npm)
$(BUILD)/view-check: $(call objects,web/check/*.c) $(OBJ_idl) $(call library,value json base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,json base)
$(BUILD)/views.checked: $(BUILD)/view-check $(CONTRACTS) $(wildcard web/views/*.json web/texts/*.json) web/src/icons.json
	@echo "  VIEWS web/views"
	$(Q)$(BUILD)/view-check --whole web $(CONTRACTS)
	@touch $@
$(BUILD)/web/index.html: $(filter-out web/check/%,$(shell find web -type f))
	@echo "  WEB   $(@D)"
	$(Q)web/build $(@D) $(BUILD)/web-npm

# --- what follows from the policies ----------------------------------------------------------------
.PHONY: units exposure surface docs
units: $(BUILD)/policy-print ## systemd units, users and folders made from the policies, under $(BUILD)/units
	$(Q)rm -rf $(BUILD)/units && $(BUILD)/policy-print units $(BUILD)/units
	$(Q)cp systemd/*.target $(BUILD)/units/system/
	$(Q)! pkg-config --atleast-version=254 libsystemd || sed -i '/^RestartSec=/a RestartSteps=8\nRestartMaxDelaySec=30s' \
		$(BUILD)/units/system/*.service

exposure: units ## systemd's own score of each unit, beside systemd/EXPOSURE.md; fails above 0.5 (front, clerks) or 1.9 (hands)
	$(Q)tests/lib/exposure $(BUILD)/units/system systemd

surface: $(BUILD)/policy-print ## everything that can be reached from the network, on one page
	$(Q)$(BUILD)/policy-print surface $(CONTRACTS)

docs: $(BUILD)/policy-print ## print the policies' tables into docs/security.md anew
	$(Q)$(BUILD)/policy-print page <docs/security.md >$(BUILD)/security.md && cp $(BUILD)/security.md docs/security.md

# --- tools of the tests ---------------------------------------------------------------------------
.PHONY: test-tools
$(BUILD)/launch: $(BUILD)/obj/tests/lib/launch.o $(OBJ_policy) $(call library,base)
	$(link) $^ $(call libs,jail base)

$(BUILD)/ask: $(BUILD)/obj/tests/lib/ask.o $(OBJ_policy) $(call library,plan value base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# The programs once more, with a jail that tries to break out when asked to (tests/lib/drill.c).
$(BUILD)/obj/drill/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $< (drill)"
	$(Q)$(CC) $(ALLFLAGS) -DBULKHEAD_DRILL -c $< -o $@
$(BUILD)/libnas-jail-drill.a: $(patsubst $(BUILD)/obj/%,$(BUILD)/obj/drill/%,$(OBJ_jail)) $(BUILD)/obj/drill/tests/lib/drill.o
	@echo "  AR    $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(foreach d,$(CLERKS),$(eval $(call clerk_program,$(d),drill/,jail-drill)))
$(foreach d,$(HANDS),$(eval $(call hand_program,$(d),drill/,jail-drill)))
$(eval $(call front_program,drill/,jail-drill))
.PHONY: drill-programs
drill-programs: $(addprefix $(BUILD)/drill/,$(DAEMON_PROGRAMS) api)

$(BUILD)/heads: $(BUILD)/obj/tests/attack/heads.o $(call library,http base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base http)
$(BUILD)/http_fuzz: $(BUILD)/obj/tests/attack/http_fuzz.o $(call library,base)
	$(link) $^ $(call libs,base)
.PHONY: heads standing
standing: all test-tools $(BUILD)/http_fuzz ## the front end among slow, greedy and hostile clients, and 1,000,000 mutated requests (root)
	$(Q)tests/attack/standing.py $(BUILD) 10000 1000000
heads: $(BUILD)/heads $(BUILD)/bench/http_demo ## hostile request heads: refused, and no fewer of them than nginx refuses
	$(Q)tests/attack/heads.py $(BUILD)

$(BUILD)/takeover: $(BUILD)/obj/tests/attack/takeover.o $(OBJ_sign) $(OBJ_loop) $(OBJ_policy) $(call library,base value sys ticket plan json wire)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base sys) $(PEER_LIBS)

$(BUILD)/obj/tests/bench/%.o: ALLFLAGS += $(PEER_CFLAGS) $(CFLAGS_db)
$(BUILD)/bench/varlink: $(BUILD)/obj/tests/bench/varlink.o $(OBJ_sign) $(OBJ_loop) $(call library,base value sys ticket json wire)
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base sys) $(PEER_LIBS)

$(BUILD)/bench/http_demo: $(BUILD)/obj/tests/bench/http_demo.o $(OBJ_loop) $(call library,base sys tls http)
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base sys tls http)

$(BUILD)/bench/tls: $(BUILD)/obj/tests/bench/tls.o $(OBJ_loop) $(call library,base sys tls)
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base sys tls)

$(BUILD)/bench/floor: $(BUILD)/obj/tests/bench/floor.o $(call library,base sys)
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base db) $(PEER_LIBS)
$(BUILD)/bench/load $(BUILD)/bench/fan: $(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(call library,base sys)
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)

# The peer of the engine alone; it is in no product.
$(BUILD)/bench/http_mhd: $(BUILD)/obj/tests/bench/http_mhd.o
	@mkdir -p $(@D)
	$(link) $^ $(call pkg,libmicrohttpd,libs)
$(BUILD)/bench/http_heads: $(BUILD)/obj/tests/bench/http_heads.o $(call library,http base)
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base http)

.PHONY: crash crash-long
crash: all test-tools ## kill hand, tools, clerk and database at 2,000 system calls and moments
	$(Q)tests/crash/parts $(BUILD) 2000
.PHONY: crash-storage
crash-storage: all test-tools ## the hands of storage, shares, network and modules killed at every call of their changes that acts
	$(Q)tests/crash/storage.py $(BUILD) 0
	$(Q)tests/crash/shares.py $(BUILD) 0
	$(Q)tests/crash/domain.py $(BUILD) 0
	$(Q)tests/crash/directory.py $(BUILD) 0
crash-long: all test-tools ## the same, 25,000 times
	$(Q)tests/crash/parts $(BUILD) 25000
FAULTS ?= 0
.PHONY: faults
faults: all test-tools drill-programs ## full disks, broken disks and no memory, at every point of a sign-in and a new account
	$(Q)tests/crash/faults.py $(BUILD) $(FAULTS)
$(BUILD)/reaper: $(BUILD)/obj/tests/crash/reaper.o
	$(link) $^

$(BUILD)/slept.so $(BUILD)/late.so: $(BUILD)/%.so: tests/lib/%.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE $(WARN) -O1 -g -fPIC -shared -o $@ $<

test-tools: $(BUILD)/slept.so $(BUILD)/late.so $(BUILD)/http_fuzz $(BUILD)/takeover $(BUILD)/reaper $(BUILD)/launch $(BUILD)/ask $(BUILD)/policy-print $(BUILD)/bulkhead-migrate ## what tests/lib/box.py needs beside the programs

# --- installation --------------------------------------------------------------------------------
# Debian's own units for what ours serve.
NOT_ON_BULKHEAD := zfs-import-scan.service smartmontools.service smbd.service nmbd.service nfs-ganesha.service nfs-ganesha-lock.service \
	nfs-server.service nfs-mountd.service nfs-idmapd.service nfs-blkmap.service nfsdcld.service rpc-svcgssd.service rpc-statd.service rpc-statd-notify.service \
	winbind.service avahi-daemon.service avahi-daemon.socket wsdd2.service proftpd.service proftpd.socket rsync.service \
	mdadm.service mdmonitor.service mdmonitor-oneshot.timer mdcheck_start.timer mdcheck_continue.timer
INSTALLED := $(DAEMON_PROGRAMS) host mount-known storage-carrier storage-far receive-only transfers rsync-shell shares-sweeper homes wsd tell-backups exports quotas pool-work moment disk-light ceph-look zfs-look zfs-mount zfs-set zfs-work nfs-clients directory-people names api bulkhead-migrate bulkhead-doctor
.PHONY: install run run-shell stop reset
install: man all units ## put everything where the package would, below DESTDIR
	$(Q)install -d $(addprefix $(DESTDIR),/usr/libexec/bulkhead /usr/lib/bulkhead/modules /usr/bin /usr/share/bulkhead/contracts /usr/share/bulkhead/sql \
		$(UNITDIR) /usr/lib/sysusers.d /usr/lib/tmpfiles.d /etc/pam.d)
	$(Q)install -m 755 $(STRIP) $(addprefix $(BUILD)/,$(INSTALLED)) $(DESTDIR)/usr/libexec/bulkhead/
	$(Q)install -m 755 systemd/banner $(DESTDIR)/usr/libexec/bulkhead/
	$(Q)install -d $(DESTDIR)/etc/issue.d && ln -sf ../../run/bulkhead-banner/issue $(DESTDIR)/etc/issue.d/bulkhead.issue
	$(Q)install -m 755 $(STRIP) $(BUILD)/bulkhead $(DESTDIR)/usr/bin/
	$(Q)install -m 644 $(CONTRACTS) $(DESTDIR)/usr/share/bulkhead/contracts/
	$(Q)cd $(BUILD)/web && find . -type f ! -name '*.gz' -exec install -D -m 644 {} $(DESTDIR)/usr/share/bulkhead/web/{} \;
	$(Q)find $(DESTDIR)/usr/share/bulkhead/web -type f -size +1k ! -name '*.gz' -exec gzip -9knf {} \;
	$(Q)install -D -m 644 -t $(DESTDIR)/usr/share/man/man1/ $(BUILD)/man/*.1
	$(Q)install -D -m 644 $(BUILD)/man/bash $(DESTDIR)/usr/share/bash-completion/completions/bulkhead
	$(Q)install -D -m 644 $(BUILD)/man/zsh $(DESTDIR)/usr/share/zsh/vendor-completions/_bulkhead
	$(Q)install -m 644 $(wildcard sql/*.sql) $(DESTDIR)/usr/share/bulkhead/sql/
	$(Q)$(BUILD)/policy-print grants >$(DESTDIR)/usr/share/bulkhead/grants.sql
	$(Q)install -m 644 $(BUILD)/units/system/* systemd/*.service systemd/*.path systemd/*.socket systemd/*.timer $(DESTDIR)$(UNITDIR)/
	$(Q)install -m 644 $(BUILD)/units/sysusers.d/* systemd/sysusers.d/* $(DESTDIR)/usr/lib/sysusers.d/
	$(Q)install -m 644 $(BUILD)/units/tmpfiles.d/* systemd/tmpfiles.d/* $(DESTDIR)/usr/lib/tmpfiles.d/
	$(Q)install -m 644 systemd/pam.d/* $(DESTDIR)/etc/pam.d/
	$(Q)install -D -m 644 $(STRIP) -t $(DESTDIR)/usr/lib/bulkhead/ $(BUILD)/smb-names.so
	$(Q)install -D -m 755 $(STRIP) $(BUILD)/storage-generator $(DESTDIR)/usr/lib/systemd/system-generators/bulkhead-storage
	$(Q)install -D -m 644 $(BUILD)/units/rules.d/bulkhead.rules $(DESTDIR)/usr/share/polkit-1/rules.d/60-bulkhead.rules
	$(Q)install -D -m 644 systemd/host.rules $(DESTDIR)/usr/share/polkit-1/rules.d/61-bulkhead-host.rules
	$(Q)install -D -m 644 systemd/disks.rules $(DESTDIR)/usr/lib/udev/rules.d/95-bulkhead-disks.rules
	$(Q)install -D -m 644 -t $(DESTDIR)/etc/bulkhead/ systemd/bulkhead.conf
	$(Q)install -D -m 644 -t $(DESTDIR)/usr/share/bulkhead/ systemd/smb.conf systemd/smb-member.conf systemd/nsswitch-smb.conf systemd/nsswitch-directory.conf systemd/nsswitch-names.conf systemd/directory.conf systemd/nfs.conf systemd/avahi.conf systemd/ftp.conf systemd/sftp.conf systemd/senders.conf systemd/rsync.conf systemd/webdav-files.conf
	$(Q)! pkg-config --atleast-version=254 libsystemd || sed -i '/^NFS_CORE_PARAM/a # It asks for a right that it does without well (Debian 13).\nallow_set_io_flusher_fail = true;' \
		$(DESTDIR)/usr/share/bulkhead/nfs.conf
	$(Q)install -D -m 644 -t $(DESTDIR)/usr/share/bulkhead/avahi/ systemd/avahi/*.service
	$(Q)install -d $(DESTDIR)/usr/lib/systemd/journald@bulkhead-smb.conf.d
	$(Q)install -D -m 644 systemd/journal-smb.conf $(DESTDIR)$(UNITDIR)/systemd-journald@bulkhead-smb.socket.d/bulkhead.conf
	$(Q)install -D -m 644 systemd/journal-smb-service.conf $(DESTDIR)$(UNITDIR)/systemd-journald@bulkhead-smb.service.d/bulkhead.conf
	$(Q)ln -sf /etc/bulkhead/services/audit.conf $(DESTDIR)/usr/lib/systemd/journald@bulkhead-smb.conf.d/bulkhead.conf
	$(Q)for unit in rpcbind.service rpcbind.socket; do install -D -m 644 systemd/only-for-nfs.conf $(DESTDIR)$(UNITDIR)/$$unit.d/bulkhead.conf; done
	$(Q)install -D -m 644 -t $(DESTDIR)/usr/share/bulkhead/kernel/ systemd/kernel/*
	$(Q)for unit in $(NOT_ON_BULKHEAD); do install -D -m 644 systemd/not-on-bulkhead.conf $(DESTDIR)$(UNITDIR)/$$unit.d/bulkhead.conf; done

.PHONY: deb reproducible
deb: ## the Debian package, under $(BUILD)/deb; DEB_SUITE=trixie: built in that Debian (root)
	$(Q)debian/make $(BUILD)/deb$(if $(DEB_SUITE),-$(DEB_SUITE)) $(DEB_SUITE)

DEB = $(BUILD)/deb/bulkhead_$(VERSION)_*.deb
.PHONY: image lxc test-vm
lxc: deb ## a container template for Proxmox and LXC, compressed, under $(BUILD)/image (root)
	$(Q)image/pack $$(image/template $(BUILD)/image $(DEB))
image: deb ## a disk image that starts a machine, compressed, under $(BUILD)/image (root)
	$(Q)image/pack $$(image/disk $(BUILD)/image $(DEB))
.PHONY: test-lxc
test-lxc: deb ## the container template in a container without extra rights (root)
	$(Q)/usr/bin/python3 -B tests/appliance/template.py $$(image/template $(BUILD)/image $(DEB))
VM_ONLY ?=
test-vm: deb ## the image as a machine under qemu, all emulated, in minutes; VM_ONLY=WORDS: only those scenarios, anew
	$(Q)disk=$$(image/disk $(BUILD)/image $(DEB)) && tools=$$(tests/vm/tools $(BUILD)/image) && \
		/usr/bin/python3 -B tests/vm/run.py $(BUILD)/vm $$disk $$tools $(VM_ONLY)

TRIAL := BUILD=$(BUILD) tests/appliance/trial
run: ## a complete trial appliance in a container; prints the set-up code
	@.ci/install build trial
	$(Q)$(TRIAL) up && $(TRIAL) welcome
run-shell: ## a root shell inside the trial appliance
	$(Q)$(TRIAL) shell
stop: ## stop the trial appliance; its state stays
	$(Q)$(TRIAL) down
reset: ## stop it and throw its state away
	$(Q)$(TRIAL) reset

.PHONY: fresh logged
logged: all drill-programs ## all features on an appliance whose filters log what they would kill for: not one line (root)
	$(Q)tests/appliance/logged.py $(BUILD)
	$(Q)tests/appliance/logged.py $(BUILD) shares
fresh: ## a minimal Debian with nothing but this tree: how long make run takes there, the first and the second time (root)
	$(Q)tests/appliance/fresh $(BUILD)/fresh

# --- tests ---------------------------------------------------------------------------------------
# tests/unit mirrors the tree: tests/unit/FOLDER/test_WHAT.c is one program with everything linked in.
UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS   := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SOURCES))
UNIT_LIBS    := $(call library,$(FOLDERS))
OBJ_said     := $(call objects,$(addprefix daemons/storage/far/,said.c commands.c))
OBJ_sweeper  := $(call objects,daemons/shares/sweeper/sweep.c daemons/shares/sweeper/rules.c)
OBJ_pool_work := $(call objects,systemd/pool-work/array.c systemd/pool-work/mount.c)
OBJ_smart    := $(call objects,daemons/storage/clerk/smart*.c)
OBJ_FAKE     := $(call objects,tests/unit/fake/*.c)
$(call objects,tests/unit/*/*.c): ALLFLAGS += -Wno-missing-prototypes
$(call objects,tests/unit/*/*.c): | $(GEN)
# Clerks with a fake machine for their tests: tests/unit/NAME_clerk/machine.c.
FAKED := $(patsubst tests/unit/%_clerk/machine.c,%,$(wildcard tests/unit/*_clerk/machine.c))
# These start a PostgreSQL of their own (tests/lib/pg), with the schema and the grants.
DATABASE_TESTS := db ledger state $(FAKED:%=%_clerk)
$(call objects,$(foreach d,$(DATABASE_TESTS) fake,tests/unit/$(d)/*.c)): ALLFLAGS += $(CFLAGS_db)
$(filter $(foreach d,$(DATABASE_TESTS),$(BUILD)/unit/$(d)/%),$(UNIT_TESTS)): | $(BUILD)/bulkhead-migrate $(BUILD)/policy-print
# A test of a clerk links the clerk's own objects (without main.o), its fake machine and the fake hand.
$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(OBJ_gen) $(OBJ_sign) $(OBJ_loop) $(OBJ_idl) $(OBJ_policy) $(UNIT_LIBS)
	@mkdir -p $(@D)
	$(link) $< $(foreach d,$(HANDS),$(if $(findstring /$(d)_hand/,$@),$(filter-out %/main.o,$(HAND_$(d))))) \
		$(if $(findstring monitor_clerk/,$@),$(BUILD)/obj/daemons/monitor/clerk/page.o) \
		$(if $(findstring storage_carrier/,$@),$(OBJ_carrier)) \
		$(if $(findstring storage_far/,$@),$(OBJ_said)) \
		$(if $(findstring pool_work/,$@),$(OBJ_pool_work)) \
		$(if $(findstring shares_sweeper/,$@),$(OBJ_sweeper)) \
		$(if $(findstring storage_clerk/test_smart,$@),$(OBJ_smart) $(CLERK_LIBS_storage)) \
		$(OBJ_gen) $(OBJ_sign) $(OBJ_loop) $(OBJ_idl) $(OBJ_policy) -Wl,--start-group $(UNIT_LIBS) -Wl,--end-group \
		$(call libs,$(FOLDERS)) -lcmocka -lpam -lcrypt $(call pkg,liboath,libs) \
		$(foreach d,$(HANDS),$(if $(findstring /$(d)_hand/,$@),$(HAND_LIBS_$(d))))
# Their clock goes on only when the test says so.
$(BUILD)/unit/act/test_run $(addprefix $(BUILD)/unit/http/test_,server server_body server_limits websocket entity): LDFLAGS += -Wl,--wrap=clock_boot_ms
$(foreach d,$(HANDS),$(eval $(filter $(BUILD)/unit/$(d)_hand/%,$(UNIT_TESTS)): $(HAND_$(d))))
$(filter $(BUILD)/unit/monitor_clerk/%,$(UNIT_TESTS)): $(BUILD)/obj/daemons/monitor/clerk/page.o
$(BUILD)/unit/storage_clerk/test_smart: $(OBJ_smart)
$(filter $(BUILD)/unit/storage_carrier/%,$(UNIT_TESTS)): $(OBJ_carrier)
$(filter $(BUILD)/unit/storage_far/%,$(UNIT_TESTS)): $(OBJ_said)
$(filter $(BUILD)/unit/pool_work/%,$(UNIT_TESTS)): $(OBJ_pool_work)
$(filter $(BUILD)/unit/shares_sweeper/%,$(UNIT_TESTS)): $(OBJ_sweeper)
define faked_clerk
$$(filter $$(BUILD)/unit/$(1)_clerk/%,$$(UNIT_TESTS)): $$(BUILD)/unit/$(1)_clerk/%: $$(BUILD)/obj/tests/unit/$(1)_clerk/%.o \
		$$(BUILD)/obj/tests/unit/$(1)_clerk/machine.o $$(OBJ_FAKE) $$(CLERK_$(1)) $$(CLERK_OBJECTS_$(1)) $$(OBJ_gen) \
		$$(BUILD)/obj/gen/nas_$(1)_serve.o $$(BUILD)/obj/gen/nas_job_serve.o \
		$$(OBJ_loop) $$(OBJ_policy) $$(OBJ_sign) $$(call library,$$(CLERK_FOLDERS) $$(CLERK_FOLDERS_$(1)))
	@mkdir -p $$(@D)
	$$(link) $$(filter-out %/main.o,$$(filter %.o,$$^)) -Wl,--allow-multiple-definition -Wl,--start-group \
		$$(filter %.a,$$^) -Wl,--end-group $$(call libs,$$(CLERK_FOLDERS) $$(CLERK_FOLDERS_$(1))) $$(CLERK_LIBS_$(1)) -lcmocka
endef
$(foreach d,$(FAKED),$(eval $(call faked_clerk,$(d))))
# What the clerk decides is judged before it is carried out.
$(BUILD)/unit/shares_clerk/test_hostile: $(BUILD)/obj/tests/unit/shares_clerk/judge.o $(OBJ_idl)
$(BUILD)/unit/shares_clerk/test_hostile: LDFLAGS += -Wl,--wrap=shares_run -Wl,--wrap=shares_ask -Wl,--wrap=shares_ask_much -Wl,--wrap=stat

# The front end's tests link what they need of it.
$(BUILD)/libapi.a: $(filter-out %/main.o,$(OBJ_api))
	@echo "  AR    $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(filter $(BUILD)/unit/api/%,$(UNIT_TESTS)): $(BUILD)/unit/api/%: $(BUILD)/obj/tests/unit/api/%.o $(BUILD)/libapi.a $(OBJ_idl) \
		$(OBJ_sign) $(OBJ_policy) $(OBJ_loop) $(call library,$(FRONT_FOLDERS))
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,$(FRONT_FOLDERS)) -lcmocka

# The stream's have a loop and a clock that only go on when the test says so.
$(filter $(BUILD)/unit/api_stream/%,$(UNIT_TESTS)): $(BUILD)/unit/api_stream/%: $(BUILD)/obj/tests/unit/api_stream/%.o \
		$(BUILD)/libapi.a $(OBJ_idl) $(OBJ_sign) $(OBJ_policy) $(call library,$(FRONT_FOLDERS))
	@mkdir -p $(@D)
	$(link) -Wl,--wrap=clock_boot_ms $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
		$(call libs,$(FRONT_FOLDERS)) -lcmocka

# The checker's of views.
$(filter $(BUILD)/unit/web/%,$(UNIT_TESTS)): $(BUILD)/unit/web/%: $(BUILD)/obj/tests/unit/web/%.o $(call objects,$(filter-out web/check/main.c,$(wildcard web/check/*.c))) \
		$(OBJ_idl) $(call library,value json base)
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,json base) -lcmocka

# The command line's tests have its own objects, without main.o.
OBJ_cli := $(call objects,$(filter-out cli/main.c,$(wildcard cli/*.c)))
$(filter $(BUILD)/unit/cli/%,$(UNIT_TESTS)): $(BUILD)/unit/cli/%: $(BUILD)/obj/tests/unit/cli/%.o $(OBJ_cli) $(OBJ_idl) \
		$(OBJ_policy) $(call library,base value sys ticket plan json wire)
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base json) -lcmocka

$(filter $(BUILD)/unit/doctor/%,$(UNIT_TESTS)): $(BUILD)/unit/doctor/%: $(BUILD)/obj/tests/unit/doctor/%.o $(OBJ_doctor) \
		$(OBJ_policy) $(call library,$(DOCTOR_FOLDERS))
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,$(DOCTOR_FOLDERS)) -lcmocka

.PHONY: deps test
deps: ## install what is missing on this Debian machine
	@.ci/install

$(BUILD)/attack-syscalls: $(BUILD)/obj/tests/attack/syscalls.o $(OBJ_policy) $(call library,jail sys base)
	$(link) $^ $(call libs,jail base)

.PHONY: attack-syscalls fences hand users certificate cli contracts released man
cli: all test-tools ## the command line against the real daemons (root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/integration/cli.py

contracts: $(BUILD)/ipc-compiler ## the compiler of contracts, as make calls it
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/integration/compiler.py

.PHONY: rest
rest: all test-tools ## REST through the real front end, daemons and PostgreSQL (root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/integration/rest.py tests/integration/rest_routes.py \
		tests/integration/rest_trouble.py tests/integration/rest_several.py tests/integration/proxied.py tests/integration/dropin.py

.PHONY: stream
stream: all test-tools ## the stream: shared watches, healing, slow and rude clients, resume (root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/integration/stream.py tests/integration/stream_tickets.py tests/integration/stream_limits.py

.PHONY: documents
documents: $(GEN) ## the OpenAPI document and the TypeScript client under the tools of their readers (npm)
	$(Q)tests/documents/run $(BUILD)

.PHONY: browser
browser: all test-tools ## the pages, the documentation and the example of the stream in Chromium, without any net (npm, root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/browser/documents.py tests/browser/pages.py \
		tests/browser/languages.py

released: $(BUILD)/ipc-compiler ## do the contracts keep what was released?
	$(Q)$(BUILD)/ipc-compiler --check-released ipc/released $(CONTRACTS) && echo "1 passed, 0 failed"

man: $(BUILD)/bulkhead ## manual pages from the contracts, and completions, under $(BUILD)/man
	$(Q)rm -rf $(BUILD)/man && mkdir -p $(BUILD)/man
	$(Q)BULKHEAD_CONTRACTS=ipc $< man >$(BUILD)/man/bulkhead.1
	$(Q)for noun in $$(BULKHEAD_CONTRACTS=ipc $< __complete | grep -vxE 'doctor|setup-code|completion|man|version'); do \
		BULKHEAD_CONTRACTS=ipc $< man $$noun >$(BUILD)/man/bulkhead-$$noun.1; done
	$(Q)for shell in bash zsh; do BULKHEAD_CONTRACTS=ipc $< completion $$shell >$(BUILD)/man/$$shell; done

users: all test-tools ## the users daemon with PostgreSQL, useradd and PAM (root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/integration/users.py tests/integration/users_trouble.py tests/integration/elsewhere.py

certificate: all test-tools ## the network daemon: the certificate installed, shown, fetched and taken away (root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/integration/certificate.py tests/integration/acme.py

hand: all test-tools ## the users hand behind its fences, with real tools and PAM, killed at every record (root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/integration/test_hand.py

fences: all test-tools drill-programs ## each process beside its policy, as the kernel sees it, and the escape drills (root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/integration/fences.py

attack-syscalls: $(BUILD)/attack-syscalls ## every system call number behind each process's fences
	$(Q)$(BUILD)/attack-syscalls

# Programs that measure, or that are killed while they write; each with a PostgreSQL of its own (tests/lib/pg).
PG_PROGRAMS := $(BUILD)/tests/bench/change $(BUILD)/tests/integration/ledger_append
$(patsubst $(BUILD)/%,$(BUILD)/obj/%.o,$(PG_PROGRAMS)): ALLFLAGS += $(CFLAGS_db)
$(PG_PROGRAMS): $(BUILD)/%: $(BUILD)/obj/%.o $(OBJ_loop) $(call library,ledger db sys base) \
		| $(BUILD)/bulkhead-migrate $(BUILD)/policy-print
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,db sys base)

.PHONY: ledger ledger-crash bench-database
ledger: all test-tools ## the ledger read and verified through the monitor's clerk, and falsified in every way (root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider tests/integration/ledger.py

ledger-crash: $(BUILD)/tests/integration/ledger_append ## PostgreSQL killed KILLS times (40) while rows are appended
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B tests/integration/ledger_crash.py

.PHONY: bench bench-front bench-stream bench-http
bench: $(BUILD)/bench/varlink bench-database bench-front bench-stream bench-http ## figures beside a peer: figure, ours, peer, ratio, target, met
	$(Q)$(BUILD)/bench/varlink
bench-http: $(addprefix $(BUILD)/bench/,http_demo http_mhd http_heads tls) ## the HTTP engine beside libmicrohttpd and nginx; TLS beside bare OpenSSL; how fast heads are read
	$(Q)/usr/bin/python3 -B tests/bench/http_peers.py $(BUILD)
	$(Q)$(BUILD)/bench/http_heads
	$(Q)$(BUILD)/bench/tls
bench-front: all test-tools $(BUILD)/bench/floor $(BUILD)/bench/load ## the front end beside nginx, the floor, FastAPI and Django (root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B tests/bench/front.py
bench-stream: all test-tools $(BUILD)/bench/fan ## 1,000 and 10,000 who watch, beside uWebSockets (npm, root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B tests/bench/fanout.py
bench-storage: ## replication, snapshots and long lists beside the bare tools, on the appliance (root)
	$(Q)tests/bench/storage.py $(BUILD)
bench-appliance: ## the appliance: second start, boot to ready, memory and processor when idle (root)
	$(Q)tests/bench/appliance.py $(BUILD)
.PHONY: bench-shares bench-pages
bench-pages: all test-tools ## the pages in Chromium: size, first page, a change seen, scrolling, memory, Lighthouse (npm, root)
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B tests/bench/pages.py
bench-shares: ## copying by SMB and NFS beside minimal servers, one share among 1,000, 500 accounts at 100 shares (root)
	$(Q)/usr/bin/python3 -B tests/bench/shares.py $(BUILD)
bench-database: all test-tools $(BUILD)/tests/bench/change ## audited changes, and pages of LEDGER_ROWS (500,000) rows (root)
	$(Q)$(BUILD)/tests/bench/change
	$(Q)BUILD=$(BUILD) /usr/bin/python3 -B tests/bench/ledger.py

# The suites of `make test`. Some run at a time, one taken from the front and the others from the end (tests/run): those that
# compute stand at the front, those that mostly wait for others at the end. A fragment adds its own with
# SUITES += name='command'. ALONE: those that a busy machine would change.
SUITES := valgrind='$(MAKE) -s valgrind' asan='$(MAKE) -s asan' fuzz='$(MAKE) -s fuzz-replay'
SUITES += arm64='$(MAKE) -s arm64' unit='$(MAKE) -s unit'
SUITES += package='tests/appliance/package.py $(BUILD)'
SUITES += crash='tests/crash/parts $(BUILD) 180' faults='$(MAKE) -s faults FAULTS=10'
SUITES += arch='$(MAKE) -s arch' arch-selftest='$(MAKE) -s arch-selftest'
SUITES += patterns='$(MAKE) -s patterns' policies='tests/lib/check-policies $(BUILD)' python='tests/lib/check-python'
SUITES += contracts='$(MAKE) -s contracts' documents='$(MAKE) -s documents' released='$(MAKE) -s released' cli='$(MAKE) -s cli'
SUITES += browser='$(MAKE) -s browser' varlink='tests/integration/varlink/run.py $(BUILD)'
SUITES += syscalls='$(MAKE) -s attack-syscalls' heads='$(MAKE) -s heads'
SUITES += takeover='tests/attack/takeover.py $(BUILD)' fences='$(MAKE) -s fences'
SUITES += generator='tests/integration/generator.py $(BUILD)'
SUITES += foreign='tests/appliance/foreign.py $(BUILD)'
SUITES += storage='tests/appliance/storage.py $(BUILD)' datasets='tests/appliance/datasets.py $(BUILD)'
SUITES += pages='tests/appliance/pages.py $(BUILD)' pages-daily='tests/appliance/pages_daily.py $(BUILD)' disks='tests/appliance/disks.py $(BUILD)' pools='tests/appliance/pools.py $(BUILD)' tang='tests/appliance/tang.py $(BUILD)'
SUITES += discovery='tests/appliance/discovery.py $(BUILD)' nfs='tests/appliance/nfs.py $(BUILD)'
SUITES += modules='tests/appliance/modules.py $(BUILD)'
SUITES += transfers='tests/appliance/transfers.py $(BUILD)'
SUITES += services='tests/appliance/services.py $(BUILD)' replication='tests/appliance/replication.py $(BUILD)' far='tests/appliance/far.py $(BUILD)' senders='tests/appliance/senders.py $(BUILD)'
SUITES += shares='tests/appliance/shares.py $(BUILD)' shares-by-hand='tests/appliance/shares_by_hand.py $(BUILD)' shares-domain='tests/appliance/shares_domain.py $(BUILD)' shares-directory='tests/appliance/shares_directory.py $(BUILD)' shares-explained='tests/appliance/shares_explained.py $(BUILD)' recycle='tests/appliance/recycle.py $(BUILD)' homes='tests/appliance/homes.py $(BUILD)' pools-ceph='tests/appliance/pools_ceph.py $(BUILD)' shares-audited='tests/appliance/shares_audited.py $(BUILD)' torture='tests/appliance/torture.py $(BUILD)' hostile-settings='tests/appliance/hostile_settings.py $(BUILD)'
SUITES += hostile-storage='tests/appliance/hostile_storage.py $(BUILD)' hostile-shares='tests/appliance/hostile_shares.py $(BUILD)' crash-storage='tests/crash/storage.py $(BUILD) 36' crash-shares='tests/crash/shares.py $(BUILD) 6' crash-domain='tests/crash/domain.py $(BUILD) 8' crash-directory='tests/crash/directory.py $(BUILD) 9'
SUITES += doctor='tests/appliance/doctor.py $(BUILD)' logged='tests/appliance/logged.py $(BUILD)' logged-shares='tests/appliance/logged.py $(BUILD) shares'
SUITES += ledger='$(MAKE) -s ledger' ledger-crash='$(MAKE) -s ledger-crash'
SUITES += users='$(MAKE) -s users' hand='$(MAKE) -s hand' rest='$(MAKE) -s rest'
SUITES += trouble='tests/appliance/trouble.py $(BUILD)' appliance='tests/appliance/run.py $(BUILD)'
SUITES += certificate='$(MAKE) -s certificate' stream='$(MAKE) -s stream'
ALONE  := standing='tests/attack/standing.py $(BUILD) 2000 20000'
# All that suites need is made before them, so that no two make the same thing; what cannot be made its suite tells.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
.PHONY: suite-programs
suite-programs: all test-tools unit-programs drill-programs $(addprefix $(BUILD)/,heads bench/http_demo attack-syscalls fuzz-seeds \
		arch-operations tests/integration/ledger_append libapi.a)
test: deps ## everything that a machine can check; ends with the sum
	+$(Q)$(MAKE) $(JOBS) suite-programs
	-+$(Q)$(ASAN) $(JOBS) unit-programs fuzzers
	-+$(Q)debian/make $(BUILD)/deb
	+$(Q)tests/run $(SUITES) --alone $(ALONE)

$(BUILD)/arch-operations: $(BUILD)/obj/tests/arch/operations.o $(OBJ_policy) $(call library,base)
	$(link) $^ $(call libs,base)

.PHONY: root-lines arch arch-selftest
arch: all $(BUILD)/arch-operations ## the tree and the programs beside the rules of the architecture
	$(Q)tests/arch/run $(BUILD)
arch-selftest: all $(BUILD)/arch-operations ## a fault planted for each of those rules is found
	$(Q)tests/arch/selftest $(BUILD)

root-lines: all ## the source that runs with privilege, by file; the sum on the last line of each hand
	$(Q)for hand in $(HANDS); do tests/lib/root-lines $(BUILD)/$$hand-hand $(CLERKS:%=$(BUILD)/%-clerk) $(BUILD)/bulkhead || failed=1; done; [ -z "$$failed" ]

.PHONY: unit unit-programs
unit-programs: $(UNIT_TESTS)
unit: $(UNIT_TESTS) ## unit tests only (no root, no services)
	$(Q)tests/lib/run-unit $(UNIT_TESTS)

# --- fuzzing -------------------------------------------------------------------------------------
# tests/fuzz/fuzz_WHAT.c is one program, linked with libFuzzer or with the replaying main.
FUZZ_SECONDS ?= 600
FUZZ_CHANGES ?= 200
FUZZ_MAIN    ?= $(BUILD)/obj/tests/fuzz/replay.o
FUZZERS      := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
CLANG        := -std=gnu17 -Wno-unknown-warning-option
SANITIZERS   := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
$(call objects,tests/fuzz/fuzz_*.c): | $(GEN)
$(BUILD)/fuzz/fuzz_accounts: $(BUILD)/obj/daemons/users/clerk/csv.o $(BUILD)/obj/daemons/users/clerk/accounts.o
$(BUILD)/fuzz/fuzz_smb: $(patsubst %,$(BUILD)/obj/daemons/shares/clerk/%.o,smb_read smb_lines smb_clients_read smb_locks_read domain_read nfs_clients_read)
$(BUILD)/fuzz/fuzz_smart: $(OBJ_smart)
$(BUILD)/fuzz/fuzz_smart: override FUZZ_LINK += $(CLERK_LIBS_storage)
$(BUILD)/fuzz/fuzz_far $(BUILD)/fuzz/fuzz_commands: $(OBJ_said)
$(BUILD)/fuzz/fuzz_certificate: $(BUILD)/obj/daemons/network/clerk/acme_text.o
$(BUILD)/fuzz/fuzz_rest: $(patsubst %,$(BUILD)/obj/daemons/api/%.o,request values typed body list list_wish list_filter list_page route settings)
$(BUILD)/fuzz/fuzz_module: $(BUILD)/obj/daemons/modules/clerk/said.o
$(BUILD)/fuzz/fuzz_tree: $(BUILD)/obj/daemons/storage/clerk/tree.o
$(BUILD)/fuzz/fuzz_udev: $(patsubst %,$(BUILD)/obj/daemons/storage/clerk/%.o,machine mounts disks_read arrays_read file_systems zfs_status zfs_scan)
$(BUILD)/fuzz/fuzz_zfs_sets: $(patsubst %,$(BUILD)/obj/daemons/storage/clerk/%.o,zfs_sets_read tree machine mounts disks_read arrays_read file_systems zfs_status zfs_scan)
$(filter-out $(BUILD)/fuzz/fuzz_stream,$(FUZZERS)): $(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(FUZZ_MAIN) $(OBJ_gen) $(OBJ_sign) $(OBJ_loop) $(OBJ_idl) $(OBJ_policy) $(UNIT_LIBS)
	@mkdir -p $(@D)
	$(link) $(filter %.o,$^) -Wl,--start-group $(UNIT_LIBS) -Wl,--end-group $(call libs,$(FOLDERS)) $(PEER_LIBS) $(FUZZ_LINK)

$(BUILD)/obj/tests/fuzz/fuzz_stream.o: ALLFLAGS += -Wno-missing-prototypes
$(BUILD)/fuzz/fuzz_stream: $(BUILD)/obj/tests/fuzz/fuzz_stream.o $(FUZZ_MAIN) $(BUILD)/libapi.a $(OBJ_idl) $(OBJ_sign) $(OBJ_policy) \
		$(call library,$(FRONT_FOLDERS))
	@mkdir -p $(@D)
	$(link) -Wl,--wrap=clock_boot_ms $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
		$(call libs,$(FRONT_FOLDERS)) -lcmocka $(FUZZ_LINK)

.PHONY: fuzz fuzz-replay fuzzers
fuzzers: $(FUZZERS)
fuzz: $(BUILD)/fuzz-work/seeds ## every fuzzer for FUZZ_SECONDS each, with ASan and UBSan
	+$(Q)ASAN_OPTIONS=detect_leaks=0 $(MAKE) -s BUILD=$(BUILD)/libfuzzer CC=clang OPT='-O1 -U_FORTIFY_SOURCE' \
		HARDEN=-fPIE EXTRA='$(CLANG)' SANITIZE='-fsanitize=fuzzer-no-link $(SANITIZERS)' FUZZ_MAIN= FUZZ_LINK=-fsanitize=fuzzer fuzzers
	$(Q)tests/fuzz/run fuzz $(FUZZ_SECONDS) $(BUILD)/fuzz-work $(addprefix $(BUILD)/libfuzzer/fuzz/,$(notdir $(FUZZERS)))

$(BUILD)/fuzz-seeds: $(BUILD)/obj/tests/fuzz/seeds.o $(OBJ_policy) $(call library,ticket plan value sys base)
	$(link) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(call libs,base)
$(BUILD)/fuzz-work/seeds: $(BUILD)/fuzz-seeds
	$(Q)rm -rf $@ && mkdir -p $(@D) && $< $@

fuzz-replay: $(BUILD)/fuzz-work/seeds ## every fuzzer over its corpus and honest inputs, and FUZZ_CHANGES of each input, with ASan and UBSan
	+$(Q)$(ASAN) fuzzers
	$(Q)tests/fuzz/run replay $(FUZZ_CHANGES) $(BUILD)/fuzz-work $(addprefix $(BUILD)/asan/fuzz/,$(notdir $(FUZZERS)))

# --- the same tests under sanitizers -----------------------------------------------------------------
.PHONY: asan valgrind
ASAN := ASAN_OPTIONS=detect_leaks=0 $(MAKE) -s BUILD=$(BUILD)/asan OPT='-O1 -U_FORTIFY_SOURCE' SANITIZE='$(SANITIZERS)'
VALGRIND := env LD_PRELOAD=$(abspath $(BUILD))/valgrind/openat2.so valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
            --child-silent-after-fork=yes
asan: ## unit tests under ASan and UBSan
	+$(Q)$(ASAN) unit-programs
	$(Q)ASAN_OPTIONS=allocator_may_return_null=1 tests/lib/run-unit --skip jail/test_jail --keeps state $(FAKED:%=--keeps %_clerk) --timeout 300 $(addprefix $(BUILD)/asan/unit/,$(UNIT_TESTS:$(BUILD)/unit/%=%))

valgrind: ## unit tests under valgrind
	+$(Q)$(MAKE) -s BUILD=$(BUILD)/valgrind OPT='-O1 -U_FORTIFY_SOURCE' HARDEN=-fPIE unit-programs
	$(Q)$(CC) -D_GNU_SOURCE -O1 -g -fPIC -shared -o $(BUILD)/valgrind/openat2.so tests/lib/openat2.c
	$(Q)tests/lib/run-unit --skip jail/test_jail --skip jail/test_filter --skip act/test_run --keeps base --keeps faults --keeps state $(FAKED:%=--keeps %_clerk) --timeout 600 --wrap '$(VALGRIND)' $(addprefix $(BUILD)/valgrind/unit/,$(UNIT_TESTS:$(BUILD)/unit/%=%))

# --- the other architecture ----------------------------------------------------------------------------
# All programs, with Debian's libraries for arm64; what runs while they are made (gen/) is made here already. The unit
# tests of what no kernel is asked for are run by an emulator (make arm64-unit).
ARM64      := $(BUILD)/arm64
ARM64_ROOT := $(abspath $(ARM64)/root)
ARM64_MAKE  = PKG_CONFIG_SYSROOT_DIR=$(ARM64_ROOT) PKG_CONFIG_LIBDIR=$(ARM64_ROOT)/usr/lib/aarch64-linux-gnu/pkgconfig:$(ARM64_ROOT)/usr/share/pkgconfig \
              $(MAKE) -s BUILD=$(ARM64) CC='aarch64-linux-gnu-gcc --sysroot=$(ARM64_ROOT)' -o $(ARM64)/gen/stamp
ARM64_UNIT  = $(foreach f,base json value plan gen compiler cli web,$(patsubst %,$(ARM64)/unit/%,$(filter $(f)/%,$(UNIT_TESTS:$(BUILD)/unit/%=%))))
.PHONY: arm64 arm64-unit programs
programs: $(PROGRAMS:%=$(BUILD)/%)
$(ARM64)/root.made: tests/lib/arm64-root .ci/packages
	$(Q)mkdir -p $(@D) && tests/lib/arm64-root $(ARM64_ROOT) && touch $@
$(ARM64)/gen.made: $(GEN) $(ARM64)/root.made
	$(Q)mkdir -p $(ARM64)/gen && cp -p $(BUILD)/gen/* $(ARM64)/gen/ && touch $@
arm64: $(ARM64)/gen.made ## compile and link everything for arm64 (root)
	+$(Q)$(ARM64_MAKE) programs
	$(Q)aarch64-linux-gnu-readelf -h $(PROGRAMS:%=$(ARM64)/%) | grep -c 'Machine:.*AArch64' | sed 's/$$/ passed, 0 failed/'
arm64-unit: $(ARM64)/gen.made ## unit tests of what asks no kernel, as arm64 programs by an emulator (root; qemu-user)
	+$(Q)$(ARM64_MAKE) $(ARM64_UNIT)
	$(Q)tests/lib/run-unit --wrap 'qemu-aarch64 -L $(ARM64_ROOT)' $(ARM64_UNIT)

.PHONY: coverage
coverage: ## line coverage of libnas by the unit tests, by folder; fails below 85 %
	$(Q)mkdir -p $(BUILD)/coverage && find $(BUILD)/coverage -name '*.gcda' -delete
	+$(Q)$(MAKE) -s BUILD=$(BUILD)/coverage OPT=-O0 SANITIZE='--coverage -fprofile-abs-path -fprofile-update=atomic' unit-programs
	$(Q)find $(BUILD)/coverage -name '*.gcda' -delete
	$(Q)chmod -R a+rwX $(BUILD)/coverage/obj # for children that became somebody else
	$(Q)umask 0 && tests/lib/run-unit $(addprefix $(BUILD)/coverage/unit/,$(UNIT_TESTS:$(BUILD)/unit/%=%)) | tail -n 1
	$(Q)tests/lib/coverage $(BUILD)/coverage 85

.PHONY: patterns
patterns: ## the patterns that forms show beside the functions that judge
	$(Q)mkdir -p $(BUILD) && $(CC) -std=gnu17 -D_GNU_SOURCE -O1 -fPIC -shared -iquote libnas -o $(BUILD)/libvalues.so \
		libnas/value/*.c libnas/base/*.c $(LIBS_base)
	$(Q)tests/lib/check-patterns $(BUILD)/libvalues.so

.PHONY: check format
check: $(GEN) ## clang-format, gcc -fanalyzer, clang-tidy, cppcheck: no finding
	$(Q)tests/lib/check $(BUILD)

format: ## put all sources into the form that check asks for
	$(Q)clang-format -i $$(find libnas policy ipc/compiler daemons cli sql web/check tests -name '*.[ch]')

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
