#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# suites.sh: run the tests that others have written for PKCS#11 modules with this one,
# as far as they take a module that they do not know.  Needs a session keyring of its
# own and the folder of the module as the current one.  Prints KTAP.
#
# A test that fails or skips itself is a failure, unless ./explained names it, a word
# that it says then, and the reason.  A test that passes though it is there is a failure
# as well, and so is one that is there and does not run.
set -eu

module=$PWD/libkeys-pkcs11.so
explained=$PWD/explained
p11test=$PWD/p11test
gnutls=$PWD/gnutls
work=/tmp/suites
# What each test says, its result, and the results as KTAP
said=$work/said
results=$work/results
ktap=$work/ktap
mkdir -p $said
cd $work
: >$results
: >$ktap

# --- the suites -------------------------------------------------------------

# The token of the session has a pair with its certificate, and a key for MACs.  GnuTLS'
# programs look for the label "test".
load()
{
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 \
		-keyout rsa.key -out rsa.crt 2>/dev/null
	openssl pkcs8 -topk8 -nocrypt -in rsa.key -outform DER |
		keyctl padd asymmetric test @s >/dev/null
	openssl x509 -in rsa.crt -outform DER |
		keyctl padd user cert:test @s >/dev/null
	keyctl add symmetric mac 'new alg=hmac-sha256 for=mac,verify' @s >/dev/null
}

# cmocka writes a line of TAP for each test: what the program prints goes before it, and
# the comment about a failure behind.  A test that skips itself is "not ok" as well.
run_p11test()
{
	CMOCKA_MESSAGE_OUTPUT=TAP timeout 1200 "$p11test" -m "$module" -s 0 \
		-p none >p11test.out 2>&1 || :
	awk -v said=$said/p11test. '
		function end() {
			if (name == "")
				return
			printf "%s", text >(said name)
			print result, "p11test." name
			name = text = ""
		}
		/^1\.\.[0-9]+$/ { planned = substr($0, 4) }
		/^(not )?ok [0-9]+ / {
			end()
			result = / # SKIP / ? "skip" : /^not/ ? "fail" : "pass"
			name = $NF
			count++
			text = text before
			before = ""
			next
		}
		name != "" && /^#/ { text = text $0 "\n"; next }
		{ before = before $0 "\n" }
		END {
			end()
			if (!count || count != planned) {
				printf "%s", before >(said "end")
				print "fail p11test.end"
			}
		}' p11test.out >>$results
}

# A program ends with 77 where it skips itself.
run_gnutls()
{
	export P11MOCKLIB1="$module"
	mkdir -p modules
	echo "module: $module" >modules/keys.module
	for name in pkcs11-import-url-privkey pkcs11-mechanisms pkcs11-obj-raw \
		pkcs11-privkey-export pkcs11-privkey-fork pkcs11-privkey-fork-reinit \
		pkcs11-privkey-pthread; do
		run_program $name "$gnutls/$name"
	done
	run_program list-tokens list_tokens
	run_program list-objects list_objects
}

run_program()
{
	name=$1
	shift
	status=0
	"$@" >$said/gnutls."$name" 2>&1 || status=$?
	case $status in
	0) echo "pass gnutls.$name" ;;
	77) echo "skip gnutls.$name" ;;
	*) echo "fail gnutls.$name" ;;
	esac >>$results
}

list_tokens()
{
	timeout 60 "$gnutls/list-tokens" -m -s "$module" >tokens || return
	cat tokens
	[ "$(grep -c '^pkcs11:.*token=' tokens)" -eq 4 ]
}

# A pair, its certificate and the key for MACs; one of them is a private key.
list_objects()
{
	timeout 60 "$gnutls/list-objects" -o modules -t all \
		'pkcs11:token=session' >objects || return
	timeout 60 "$gnutls/list-objects" -o modules -t privkey \
		'pkcs11:token=session' >private || return
	cat objects private
	[ "$(grep -c '^pkcs11:' objects)" -eq 4 ] &&
		[ "$(grep -c 'object=test;type=private' private)" -eq 1 ]
}

# --- what they said ---------------------------------------------------------

# say WORDS NAME [REST]: a result as KTAP
say()
{
	number=$((number + 1))
	echo "$1 $number $2${3:+ $3}" >>$ktap
}

# judge RESULT NAME: compare with what is explained
judge()
{
	line=$(grep "^$2 " "$explained" || :)
	rest=${line#* }
	case $1 in
	pass)
		if [ -z "$line" ]; then
			say ok "$2"
			return
		fi
		echo "# $2 passes, though it is explained why it does not"
		;;
	*)
		if [ -n "$line" ] && grep -qF -- "${rest%% *}" "$said/$2"; then
			say ok "$2" "# SKIP explained: ${rest#* }"
			return
		fi
		echo "# $2, $1:"
		tail -n 20 "$said/$2" | sed 's/^/#   /'
		;;
	esac
	say 'not ok' "$2"
	failed=1
}

# Each test that is explained has to be among those that ran.
judge_explained()
{
	while read -r name rest; do
		case $name in
		'#'*) continue ;;
		esac
		grep -q " $name\$" $results && continue
		echo "# $name is explained, but was not run"
		say 'not ok' "$name"
		failed=1
	done <"$explained"
}

# tell SUITE: its counts
tell()
{
	awk -v suite="$1" '
		index($2, suite ".") == 1 { count[$1]++ }
		END {
			printf "# %s: %d passed, %d failed, %d skipped themselves\n",
				suite, count["pass"], count["fail"], count["skip"]
		}' $results
}

load
run_p11test
run_gnutls
number=0 failed=
while read -r result name; do
	judge "$result" "$name"
done <$results >remarks
judge_explained >>remarks
echo 'TAP version 13'
echo "1..$number"
cat $ktap
cat remarks
tell p11test
tell gnutls
[ -z "$failed" ]
