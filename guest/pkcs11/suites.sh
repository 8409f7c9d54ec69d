#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# suites.sh: run the tests that others have written for PKCS#11 modules with this one,
# as far as they take a module that they do not know.  Needs a session keyring of its
# own and the folder of the module as the current one.  Prints KTAP.
#
# A test that fails is a failure, unless ./explained has its name and the reason; a
# test that passes though it is there is a failure as well.
set -eu

module=$PWD/libkeys-pkcs11.so
explained=$PWD/explained
suite=$PWD/p11test
work=/tmp/suites
mkdir -p $work
cd $work

# The token of the session has a pair with its certificate, and a key for MACs.
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 \
	-keyout rsa.key -out rsa.crt 2>/dev/null
openssl pkcs8 -topk8 -nocrypt -in rsa.key -outform DER |
	keyctl padd asymmetric web @s >/dev/null
openssl x509 -in rsa.crt -outform DER | keyctl padd user cert:web @s >/dev/null
keyctl add symmetric mac 'new alg=hmac-sha256 for=mac,verify' @s >/dev/null

# cmocka writes a line of TAP for each test.  The program's own tables go before it.
CMOCKA_MESSAGE_OUTPUT=TAP timeout 1200 "$suite" -m "$module" -s 0 -p none >p11test 2>&1 || :
echo 'TAP version 13'
awk -v explained="$explained" '
	BEGIN {
		while ((getline line <explained) > 0) {
			name = line
			sub(/:.*/, "", name)
			sub(/^[^:]*: */, "", line)
			why[name] = line
		}
	}
	/^(not )?ok [0-9]+ - / {
		failed = /^not/
		name = $NF
		sub(/ # SKIP.*/, "", name)
		word = failed ? "not ok" : "ok"
		if (failed && name in why)
			lines[++count] = "ok " count " p11test." name " # SKIP " why[name]
		else if (name in why)
			lines[++count] = "not ok " count " p11test." name
		else
			lines[++count] = word " " count " p11test." name
		next
	}
	{ print "# " $0 }
	END {
		print "1.." count
		for (i = 1; i <= count; i++) print lines[i]
		exit !count
	}' p11test
