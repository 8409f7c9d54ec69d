# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What the scripts share: one clear line on errors, and steps that show time.

die()
{
	name=${0##*/}
	[ "$name" != sh ] || name='make'
	echo "$name: $*" >&2
	exit 1
}

# say LABEL TEXT: a line in kbuild's style
say()
{
	printf '  %-7s %s\n' "$1" "$2"
}

# complaints FILE: shows the kernel's first complaints in FILE; fails if there are none
complaints()
{
	grep -aE -A 20 -e 'BUG: |BUG [^ ]+ \(|WARNING: |KASAN: |KCSAN: |UBSAN: |ODEBUG: ' \
		-e 'INFO: .*(hung|stall|lock|blocked|non-static key)|cut here' \
		-e 'possible (circular|recursive|irq) |suspicious RCU|locking correctness' \
		-e 'Kernel panic|Oops|general protection|[^ ]: [0-9a-f]{4} \[#[0-9]+\]' \
		-e 'unreferenced object|refcount_t: |pagealloc: |waiting for .* to become free' \
		-e 'workqueue lockup|scheduling while atomic|sleeping function called' \
		-e ' Out of memory: Kill|printk messages dropped' "$1" | head -n 40 | grep .
}

# build_id FILE: prints the linker's build id of a kernel or a module
build_id()
{
	LC_ALL=C readelf -n "$1" 2>/dev/null | sed -n 's/^ *Build ID: //p' | grep . ||
		die "$1 has no build id: build it again"
}

# count_faults OUTPUT...: adds up the results of guest/faults.c
count_faults()
{
	sed -n 's/^# # faults: //p' "$@" | awk '
		{ failed += $1; by += $8; places += $12 }
		END { printf "%d calls failed, %d got by without what failed, at %d places of the tests\n",
			failed, by, places }'
}

# What the sources of a base take, and a kernel of it with its guest
# shellcheck disable=SC2034 # for scripts that read this
BASE_GIB=4

# free_gib FOLDER: room there
free_gib()
{
	df -Pk "$1" | awk 'NR == 2 { print int($4 / 1048576) }'
}

# span SECONDS: 9s, 2m41s
span()
{
	if [ "$1" -ge 60 ]; then
		printf '%dm%02ds' $(($1 / 60)) $(($1 % 60))
	else
		printf '%ds' "$1"
	fi
}

# Show that PID still works: the time on a terminal, a line a minute elsewhere.
watch_step()
{
	watched=0
	while kill -0 "$1" 2>/dev/null; do
		sleep 1
		watched=$((watched + 1))
		if [ -t 1 ]; then
			printf '\r  %-7s %-42s%6s' "$2" "$3" "$(span $watched)"
		elif [ "$((watched % 60))" -eq 0 ]; then
			say "$2" "$3, $(span $watched) so far"
		fi
	done
}

# step LABEL TEXT LOG COMMAND...: run quietly, and print the time it took
step()
{
	label=$1 text=$2 log=$3
	shift 3
	begun=$(date +%s)
	mkdir -p "$(dirname "$log")"
	# Processes in the background get no SIGINT from Ctrl-C
	trap 'printf "\n  interrupted\n" >&2; trap "" TERM; kill -TERM 0; exit 130' INT
	if [ "${V:-}" = 1 ]; then
		say "$label" "$text"
		# Next to "||" the shell would ignore -e in a function
		"$@" >"$log" 2>&1 &
		job=$!
		tail -n +1 -f --pid=$job "$log" &
		wait $job || die "$text failed"
		wait $!
		trap - INT
		return
	fi
	"$@" >"$log" 2>&1 &
	job=$!
	watch_step "$job" "$label" "$text" &
	watcher=$!
	status=0
	wait "$job" || status=$?
	kill "$watcher" 2>/dev/null || :
	wait "$watcher" 2>/dev/null || :
	trap - INT
	[ ! -t 1 ] || printf '\r'
	if [ "$status" -ne 0 ]; then
		tail -n 25 "$log" >&2
		die "$text failed (exit $status); the whole output is in $log"
	fi
	printf '  %-7s %-42s%6s\n' "$label" "$text" "$(span $(($(date +%s) - begun)))"
}

# Makes a folder that apt can download to, and prints its name.  When run by root, apt
# downloads as a user of its own, who must be able to reach the folder.
download_folder()
{
	folder=$(mktemp -d)
	[ "$(id -u)" -ne 0 ] || chown _apt "$folder"
	echo "$folder"
}

# tell_failures OUT...: repeats what failed in runs of tests, and the beginning of what
# the kernel complained of, since a long run has scrolled away by then
tell_failures()
{
	for run_folder; do
		[ ! -s "$run_folder/results" ] ||
			awk '/^  \[/ { bad = /^  \[FAILED/ } bad' "$run_folder/results"
		[ ! -s "$run_folder/refused" ] || {
			say REFUSED "$run_folder"
			sed -n -e '1,10p' -e '11,$ { $p }' "$run_folder/refused" | sed 's/^/    /'
		}
	done
}

# The machine's own list of Debian's packages, so that a mirror set up there is
# used here.
apt_sources()
{
	for list in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
		if [ -s "$list" ]; then
			echo "$list"
			return
		fi
	done
	die "no apt sources of Debian on this machine: set up /etc/apt/sources.list"
}

# Programs that are about a tool more than about the kernel: a pattern for LEAVE_OUT=,
# unless TOOLS=1.  They start many programs, which an emulated kernel with all its checks
# takes a quarter of an hour for.
programs_left_out()
{
	cryptsetup='change|demand|integrity|library|life|plugin.*|token.*|verity|wait'
	disk_key='cut|format|header|hostile|rotate.*|tab'
	tls='client|ktls|openssl|parse|server'
	keyd='debian|hostile|options|rules'
	[ "${TOOLS:-}" = 1 ] ||
		echo "keys:(cryptsetup_($cryptsetup)|disk_key_($disk_key)|keyed_tls_($tls)|keyd_($keyd))_test"
}
