#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# programs.sh [PREFIX]: Debian's programs use keys by libkeys-pkcs11.so, and lose
# them.  Needs a session keyring of its own and the folder of the module as the
# current one.  Prints KTAP.
#
# shellcheck disable=SC2086,SC2317 # commands are kept as words, and tests are called
# by their names
set -u

module=$PWD/libkeys-pkcs11.so
find_key=$PWD/find_key
sign_cost=$PWD/sign_cost
fuzzer=$PWD/entry_fuzz
sanitized=$PWD/sanitized
work=/tmp/pkcs11
rsa=$work/rsa.key
servers=
mkdir -p $work
cd $work || exit
exec 3>&1

export PKCS11_MODULE_PATH="$module"
export HOME=$work

# --- what the tests share ---------------------------------------------------

say()
{
	echo "# $*" >&3
}

# must COMMAND...: end the test if the command fails
must()
{
	"$@" >step 2>&1 || {
		say "failed: $*"
		tail -n 20 step | sed 's/^/#   /' >&3
		[ -z "$servers" ] || tail -n 10 server.log | sed 's/^/# server: /' >&3
		exit 1
	}
}

# refuses COMMAND...: end the test if the command succeeds, or dies of a signal
refuses()
{
	status=0
	"$@" >step 2>&1 || status=$?
	case $status in
	# ssh exits with 255 on a failure.
	[1-9] | [1-9][0-9] | 255) return ;;
	esac
	say "ended with $status: $*"
	tail -n 20 step | sed 's/^/#   /' >&3
	exit 1
}

# tells TEXT: the output of the last command must have TEXT
tells()
{
	grep -q -e "$1" step || {
		say "does not say $1:"
		sed 's/^/#   /' step | tail -n 30 >&3
		exit 1
	}
}

# load NAME: add a pair and its certificate to the session keyring
load()
{
	pair=$(openssl pkcs8 -topk8 -nocrypt -in $rsa -outform DER |
		keyctl padd asymmetric "$1" @s) &&
		openssl x509 -in $work/rsa.crt -outform DER |
		keyctl padd user "cert:$1" @s >/dev/null
}

# Empties the session keyring.
forget()
{
	for server in $servers; do
		kill "$server" 2>/dev/null
	done
	keyctl clear @s
}

# serve PORT COMMAND...: start a server, and wait until it is ready
serve()
{
	port=$1
	shift
	"$@" >server.log 2>&1 </dev/null &
	server=$!
	servers="$servers $server"
	until ss -ltnH "sport = :$port" | grep -q .; do
		kill -0 $server 2>/dev/null || {
			say "does not serve: $*"
			tail -n 20 server.log | sed 's/^/#   /' >&3
			exit 1
		}
		sleep 0.1
	done
}

# Checks that the last server still runs, and cannot serve without its key.
lives()
{
	kill -0 "$server" 2>/dev/null || {
		say "the server has ended:"
		tail -n 20 server.log | sed 's/^/#   /' >&3
		exit 1
	}
}

# connects PORT [ARGUMENT...]: OpenSSL makes a handshake with a server
connects()
{
	port=$1
	shift
	echo Q | timeout 60 openssl s_client -connect "127.0.0.1:$port" \
		-CAfile $work/rsa.crt -verify_return_error -brief "$@"
}

# holds_no_key PID...: no part of the key is in the memory of these processes
holds_no_key()
{
	"$find_key" $rsa "$@" >step 2>&1
	[ $? -eq 1 ] || {
		say "the key is there, or nothing could be found out:"
		sed 's/^/#   /' step >&3
		exit 1
	}
}

# Without PSS in the kernel there are no signatures of TLS 1.3.
has_pss()
{
	pkcs11-tool --module "$module" --token-label session -M |
		grep -q RSA-PKCS-PSS
}

prepare()
{
	openssl req -x509 -newkey rsa:2048 -nodes -keyout $rsa -days 2 \
		-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1,DNS:localhost \
		-out $work/rsa.crt 2>/dev/null
	openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -days 2 \
		-subj /CN=other -out other.crt 2>/dev/null
	openssl x509 -in rsa.crt -noout -pubkey >rsa.pub
	echo 'attack at dawn' >text
	tls=-tls1_2 openssl_sigalgs=RSA+SHA256
	gnutls_priority=NORMAL:-VERS-ALL:+VERS-TLS1.2:-SIGN-ALL:+SIGN-RSA-SHA256
	nginx_tls='ssl_protocols TLSv1.2; ssl_conf_command SignatureAlgorithms RSA+SHA256;'
	if has_pss; then
		tls=-tls1_3 openssl_sigalgs=rsa_pss_rsae_sha256
		gnutls_priority=NORMAL
		nginx_tls='ssl_protocols TLSv1.3;'
	fi
}

# --- pkcs11-tool ------------------------------------------------------------

tool()
{
	pkcs11-tool --module "$module" --token-label session "$@"
}

# Shows: PT-49. pkcs11-tool runs its own test of a token.
pkcs11_tool_self_test()
{
	load web
	must tool --test
	tells 'No errors'
}

# Shows: PT-35, PT-49.
pkcs11_tool_signs()
{
	load web
	for hash in SHA1 SHA224 SHA256 SHA384 SHA512; do
		must tool --sign -m $hash-RSA-PKCS --label web -i text -o signature
		must openssl dgst -$hash -verify rsa.pub -signature signature text
	done
	must tool --verify -m SHA512-RSA-PKCS --label web -i text \
		--signature-file signature
	tells 'Signature is valid'
	must keyctl revoke "$pair"
	refuses tool --sign -m SHA256-RSA-PKCS --label web -i text -o signature
}

# Shows: PT-38, PT-49.
pkcs11_tool_decrypts()
{
	load web
	must openssl pkeyutl -encrypt -pubin -inkey rsa.pub -in text -out cipher
	must tool --decrypt -m RSA-PKCS --label web -i cipher -o plain
	must cmp text plain
	must keyctl revoke "$pair"
	refuses tool --decrypt -m RSA-PKCS --label web -i cipher -o plain
}

# Shows: PT-16, PT-18, PT-49. The public key from the module equals that of the key
# file.
pkcs11_tool_reads()
{
	load web
	must tool --read-object --type pubkey --label web -o public.der
	must openssl pkey -pubin -in rsa.pub -outform DER -out expected.der
	must cmp public.der expected.der
	must tool --read-object --type cert --label web -o cert.der
	must openssl x509 -in rsa.crt -outform DER -out expected.der
	must cmp cert.der expected.der
	must tool --generate-random 32 -o random
	[ "$(wc -c <random)" -eq 32 ] || exit 1
}

# Shows: PT-23, PT-25, PT-29, PT-30, PT-49. The kernel's key equals the one in the file.
pkcs11_tool_writes()
{
	must openssl rsa -in $rsa -traditional -outform DER -out key.der
	must openssl x509 -in rsa.crt -outform DER -out cert.der
	must tool --write-object key.der --type privkey --label new --id 4e6577 \
		--sensitive --usage-sign --usage-decrypt
	must tool --write-object cert.der --type cert --label new --id 4e6577
	must keyctl search @s asymmetric 'new id=4e6577'
	must tool --sign -m SHA256-RSA-PKCS --id 4e6577 -i text -o signature
	must openssl dgst -sha256 -verify rsa.pub -signature signature text
	must tool --delete-object --type privkey --id 4e6577
	refuses keyctl search @s asymmetric 'new id=4e6577'
	must tool --delete-object --type cert --id 4e6577
	refuses tool --sign -m SHA256-RSA-PKCS --id 4e6577 -i text -o signature
}

# Shows: PT-26, PT-27, PT-36, PT-49.
pkcs11_tool_generates()
{
	new="tool --keygen --key-type generic:32 --label mac --id 6d6163"
	# By default pkcs11-tool requests a key that can encrypt and that is not
	# private.
	refuses $new --sensitive
	must $new --sensitive --private --usage-sign
	must keyctl search @s symmetric 'mac id=6d6163'
	mac=$(cat step)
	must tool --sign -m SHA256-HMAC --id 6d6163 -i text -o made
	keyctl pkey_sign "$mac" 0 text >expected
	must cmp made expected
	refuses tool --keypairgen --key-type rsa:2048 --label pair
	must keyctl revoke "$mac"
	refuses tool --sign -m SHA256-HMAC --id 6d6163 -i text -o made
}

# --- p11-kit ----------------------------------------------------------------

# Shows: PT-49. The module is found by the file that "make install" has installed.
p11_kit_lists()
{
	mkdir -p /etc/pkcs11/modules
	load web
	must p11-kit list-modules
	tells 'linux-keys'
	tells 'token: session'
}

# Shows: PT-4, PT-49. Another process loads the module and forwards its answers.
p11_kit_remote()
{
	load web
	p11-kit server --provider "$module" -f -n $work/p11.sock \
		'pkcs11:token=session' >server.log 2>&1 &
	server=$!
	servers="$servers $server"
	until [ -S $work/p11.sock ]; do
		kill -0 $server || exit 1
		sleep 0.1
	done
	client=$(find /usr/lib -name p11-kit-client.so)
	export P11_KIT_SERVER_ADDRESS=unix:path=$work/p11.sock
	must pkcs11-tool --module "$client" --token-label session --sign \
		-m SHA256-RSA-PKCS --label web -i text -o signature
	must openssl dgst -sha256 -verify rsa.pub -signature signature text
	must keyctl revoke "$pair"
	refuses pkcs11-tool --module "$client" --token-label session --sign \
		-m SHA256-RSA-PKCS --label web -i text -o signature
	lives
}

# --- GnuTLS -----------------------------------------------------------------

# Shows: PT-49.
gnutls_p11tool()
{
	load web
	must p11tool --provider "$module" --list-all 'pkcs11:token=session'
	tells 'object=web'
	must p11tool --provider "$module" --batch --test-sign \
		'pkcs11:token=session;object=web;type=private'
	must keyctl revoke "$pair"
	refuses p11tool --provider "$module" --batch --test-sign \
		'pkcs11:token=session;object=web;type=private'
}

# Shows: PT-47, PT-49, PT-50. A connection from before the key's end still works.
gnutls_server()
{
	load web
	url='pkcs11:token=session;object=web'
	serve 4431 gnutls-serv --provider "$module" --echo -p 4431 \
		--priority $gnutls_priority --x509keyfile "$url;type=private" \
		--x509certfile "$url;type=cert"
	mkfifo lines
	timeout 120 gnutls-cli --x509cafile rsa.crt -p 4431 127.0.0.1 \
		<lines >client.log 2>&1 &
	client=$!
	exec 4>lines
	echo before >&4
	until grep -q '^before' client.log; do
		kill -0 $client || { tail client.log >&3; exit 1; }
		sleep 0.2
	done
	holds_no_key "$server"
	must keyctl revoke "$pair"
	refuses timeout 60 gnutls-cli --x509cafile rsa.crt -p 4431 127.0.0.1
	lives
	echo after >&4
	until grep -q '^after' client.log; do
		kill -0 $client || { tail client.log >&3; exit 1; }
		sleep 0.2
	done
	exec 4>&-
}

# Shows: PT-49. A client with a certificate.
gnutls_client()
{
	load web
	url='pkcs11:token=session;object=web'
	serve 4432 openssl s_server -accept 4432 -www -key other.key -cert other.crt \
		-Verify 1 -CAfile rsa.crt -verify_return_error
	printf '\n' >empty
	gnutls_client_connects()
	{
		sleep 2 | timeout 60 gnutls-cli --provider "$module" \
			--no-ca-verification --priority $gnutls_priority \
			--x509keyfile "$url;type=private" \
			--x509certfile "$url;type=cert" -p 4432 127.0.0.1
	}
	must gnutls_client_connects
	tells 'Handshake was completed'
	must keyctl revoke "$pair"
	refuses gnutls_client_connects
}

# --- OpenSSL ----------------------------------------------------------------

# Shows: PT-47, PT-49, PT-50. If the key comes from a file, it is found in memory.
openssl_server()
{
	serve 4430 openssl s_server -accept 4430 -www -cert rsa.crt -key $rsa
	must "$find_key" $rsa "$server"
	load web
	serve 4433 openssl s_server -engine pkcs11 -keyform engine \
		-key 'pkcs11:token=session;object=web' -cert rsa.crt \
		-accept 4433 -www $tls -sigalgs $openssl_sigalgs
	must connects 4433
	tells 'Verification: OK'
	must connects 4433
	holds_no_key "$server"
	must keyctl revoke "$pair"
	refuses connects 4433
	refuses connects 4433
	lives
}

# Shows: PT-49. A client with a certificate.
openssl_client()
{
	load me
	serve 4434 openssl s_server -accept 4434 -www -cert rsa.crt -key $rsa \
		-Verify 1 -verify_return_error -CAfile rsa.crt $tls
	client="-engine pkcs11 -keyform engine -cert rsa.crt"
	must connects 4434 $client -key 'pkcs11:token=session;object=me' \
		-client_sigalgs $openssl_sigalgs -sigalgs $openssl_sigalgs
	refuses connects 4434
	must keyctl revoke "$pair"
	refuses connects 4434 $client -key 'pkcs11:token=session;object=me'
}

# cost NAME KEY: tell what a signature takes, beside one by a key in memory
cost()
{
	must "$sign_cost" "$2"
	took=$(cat step)
	memory=${memory:-$took}
	say "$(awk -v name="$1" -v took="$took" -v memory="$memory" \
		'BEGIN { printf "%-24s %9.0f us %6.2f", name, took / 1000, took / memory }')"
}

# RSA-2048 by a key in memory, by the kernel's, also without OpenSSL and the module, and
# by SoftHSM's.  There is no bound: in the kernel it is the kernel's own arithmetic.  A
# guest whose clock counts instructions gives exact numbers: ACCEL=count make pkcs11
# T=openssl_costs
openssl_costs()
{
	memory=
	load cost
	cost 'key in memory' $rsa
	cost 'key in the kernel' 'pkcs11:token=session;object=cost'
	cost 'the kernel by itself' "$pair"
	mkdir -p hsm
	echo "directories.tokendir = $work/hsm" >hsm.conf
	export SOFTHSM2_CONF=$work/hsm.conf
	must softhsm2-util --init-token --free --label hsm --so-pin 1234 --pin 1234
	must openssl pkcs8 -topk8 -nocrypt -in $rsa -out hsm.key
	must softhsm2-util --import hsm.key --token hsm --label cost --id 01 --pin 1234
	PKCS11_MODULE_PATH=/usr/lib/softhsm/libsofthsm2.so
	cost 'key in SoftHSM' 'pkcs11:token=hsm;object=cost;type=private?pin-value=1234'
}

# Shows: PT-4, PT-47, PT-49, PT-50. The server forks after it has found the key.
nginx_server()
{
	load web
	cat >nginx.conf <<-END
		user root;
		ssl_engine pkcs11;
		daemon off;
		pid $work/nginx.pid;
		error_log $work/nginx.log;
		worker_processes 2;
		env PKCS11_MODULE_PATH;
		events { }
		http {
			access_log off;
			server {
				listen 127.0.0.1:4435 ssl;
				$nginx_tls
				ssl_certificate $work/rsa.crt;
				ssl_certificate_key "engine:pkcs11:pkcs11:token=session;object=web";
				location / { return 200 "served by the kernel\n"; }
			}
		}
	END
	serve 4435 nginx -c $work/nginx.conf
	must curl -sS --cacert rsa.crt https://127.0.0.1:4435/
	tells 'served by the kernel'
	# shellcheck disable=SC2046 # the processes are words
	holds_no_key "$server" $(pgrep -P "$server")
	must keyctl revoke "$pair"
	refuses curl -sS --cacert rsa.crt https://127.0.0.1:4435/
	refuses curl -sS --cacert rsa.crt https://127.0.0.1:4435/
	lives
	[ "$(pgrep -c -P "$server")" -eq 2 ] || exit 1
}

# Shows: PT-49.
curl_client()
{
	load me
	serve 4436 openssl s_server -accept 4436 -cert rsa.crt -key $rsa -www \
		-Verify 1 -verify_return_error -CAfile rsa.crt $tls \
		-client_sigalgs $openssl_sigalgs
	fetch="curl -sS --cacert rsa.crt --engine pkcs11 --key-type ENG --cert rsa.crt"
	must $fetch --key 'pkcs11:token=session;object=me' https://127.0.0.1:4436/
	tells 's_server'
	refuses curl -sS --cacert rsa.crt https://127.0.0.1:4436/
	must keyctl revoke "$pair"
	refuses $fetch --key 'pkcs11:token=session;object=me' https://127.0.0.1:4436/
}

# --- OpenSSH ----------------------------------------------------------------

serve_ssh()
{
	mkdir -p /run/sshd
	[ -e host ] || must ssh-keygen -q -t ed25519 -N '' -f host
	must ssh-keygen -D "$module"
	grep -h ssh-rsa step >authorized
	chmod 600 authorized
	cat >sshd_config <<-END
		Port $1
		ListenAddress 127.0.0.1
		HostKey $work/host
		AuthorizedKeysFile $work/authorized
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		StrictModes no
		UsePAM no
		PidFile none
	END
	serve "$1" /usr/sbin/sshd -D -e -f $work/sshd_config
	in_ssh="ssh -F none -p $1 -o BatchMode=yes -o StrictHostKeyChecking=no"
	in_ssh="$in_ssh -o UserKnownHostsFile=/dev/null -o IdentityFile=none"
}

# Shows: PT-49.
ssh_logs_in()
{
	load me
	serve_ssh 4437
	must $in_ssh -o PKCS11Provider="$module" root@127.0.0.1 echo inside
	tells inside
	refuses $in_ssh root@127.0.0.1 echo inside
	must keyctl revoke "$pair"
	refuses $in_ssh -o PKCS11Provider="$module" root@127.0.0.1 echo inside
}

# Shows: PT-47, PT-49.
ssh_agent_logs_in()
{
	load me
	serve_ssh 4438
	rm -f agent
	ssh-agent -D -a $work/agent -P "${module%/*}/*" >/dev/null 2>&1 &
	server=$!
	servers="$servers $server"
	until [ -S agent ]; do sleep 0.1; done
	export SSH_AUTH_SOCK=$work/agent
	SSH_ASKPASS=/bin/true SSH_ASKPASS_REQUIRE=force must ssh-add -s "$module"
	must $in_ssh root@127.0.0.1 echo inside
	tells inside
	# shellcheck disable=SC2046 # the processes are words
	holds_no_key "$server" $(pgrep -P "$server")
	must keyctl revoke "$pair"
	refuses $in_ssh root@127.0.0.1 echo inside
	lives
	must ssh-add -l
}

# --- NSS --------------------------------------------------------------------

nss_database()
{
	rm -rf nss
	mkdir nss
	must certutil -N -d sql:nss --empty-password
	must modutil -force -dbdir sql:nss -add keys -libfile "$module"
	must certutil -A -d sql:nss -n ca -t C,, -i rsa.crt
}

# Shows: PT-49.
nss_lists()
{
	load web
	nss_database
	must modutil -dbdir sql:nss -list keys
	tells 'Token Name: session\|token: session'
	must certutil -L -d sql:nss -h session
	tells web
	must certutil -K -d sql:nss -h session
	tells rsa
}

# Shows: PT-47, PT-49, PT-50.
nss_server()
{
	load web
	nss_database
	serve 4439 selfserv -d sql:nss -n session:web -p 4439 -H 1 -V tls1.2:tls1.2
	nss_connects()
	{
		# The exit status also depends on the end of the connection.
		printf 'GET / HTTP/1.0\r\n\r\n' | timeout 60 tstclnt -d sql:nss \
			-h 127.0.0.1 -p 4439 -o -V tls1.2:tls1.2 2>&1 | tee page
		grep -q '200 OK' page
	}
	must nss_connects
	holds_no_key "$server"
	must keyctl revoke "$pair"
	refuses nss_connects
	lives
}

# --- the module, called at random -------------------------------------------

# fuzz CALLS MODULE COMMAND...: with one key of each kind
fuzz()
{
	calls=$1 library=$2
	shift 2
	openssl pkcs8 -topk8 -nocrypt -in $rsa -outform DER -out key.der
	openssl x509 -in rsa.crt -outform DER -out cert.der
	printf 'new alg=hmac-sha256 for=mac,verify' >mac.line
	must "$@" "$library" "$calls" "${SEED:-$(date +%s)}" \
		asymmetric pair key.der asymmetric half cert.der \
		user cert:web cert.der symmetric mac mac.line
	sed 's/^# /#   /' step >&3
}

# went_well FUNCTION...: each has succeeded at least once among the random calls
went_well()
{
	for function; do
		grep -q "$function .* [1-9][0-9]* went well" step || {
			say "never went well: $function"
			exit 1
		}
	done
}

# Shows: PT-46. With a sanitizer that notices each access outside of a buffer.
module_fuzzed()
{
	UBSAN_OPTIONS=halt_on_error=1
	export UBSAN_OPTIONS
	fuzz 60000 "$sanitized/libkeys-pkcs11.so" "$sanitized/entry_fuzz"
	went_well C_OpenSession C_FindObjects C_GetAttributeValue \
		C_GetMechanismInfo C_EncryptInit C_Encrypt C_Sign C_SignFinal \
		C_GenerateKey
}

# Shows: PT-17, PT-46. A keyring is emptied in the middle of a call; the sanitizer sees
# memory that was never set.
module_sanitized()
{
	UBSAN_OPTIONS=halt_on_error=1
	KEYS_PKCS11_MODULE=$sanitized/libkeys-pkcs11.so
	export UBSAN_OPTIONS KEYS_PKCS11_MODULE
	must "$sanitized/object_test" -t subject_while_emptied
	tells 'pass:1 '
}

# Shows: PT-46, PT-48.
module_in_valgrind()
{
	fuzz 10000 "$module" valgrind -q --error-exitcode=9 --leak-check=full \
		--show-leak-kinds=definite,indirect,possible "$fuzzer"
	# So few calls use a key only by chance.
	went_well C_OpenSession C_FindObjects C_GenerateRandom
}

# --- all of them ------------------------------------------------------------

tests=$(sed -n 's/^\([a-z0-9_]*\)()$/\1/p' "$OLDPWD/programs.sh" |
	grep -E '^(module|pkcs11_tool|p11_kit|gnutls|openssl|nginx|curl|ssh|nss)_' |
	grep -vE '_connects$|^nss_database$' | grep "^${1:-}")
prepare
number=0 failed=
echo "TAP version 13"
echo "1..$(echo "$tests" | wc -w)"
for test in $tests; do
	number=$((number + 1))
	if (trap forget EXIT; "$test"); then
		echo "ok $number $test"
	else
		echo "not ok $number $test"
		failed=1
	fi
done
[ -z "$failed" ]
