/** One line for each wording that a rule knows and no text of failureTexts.ts has: what that program prints when it fails. */
export const WORDINGS: Readonly<Record<string, string>> = {
  dns: `
npm ERR! unknown host example.test
Error: net::ERR_NAME_NOT_RESOLVED at https://example.test/
error: DNS lookup failed for example.test
Cannot resolve host example.test
curl: [Errno 8] nodename nor servname provided, or not known
nc: getaddrinfo: Name does not resolve
error: failed to lookup address information
ping: example.test: No address associated with hostname
urllib3.exceptions.NameResolutionError: <urllib3.connection.HTTPSConnection object>
HTTPSConnection(host=x, port=443): Failed to resolve example.test ([Errno -2])
fatal: lookup example.test on 10.0.0.2: server misbehaving
** server can't find example.test: NXDOMAIN
request to the registry failed (ENOTFOUND)`,
  tls: `
curl: (35) schannel: next InitializeSecurityContext failed
Error: net::ERR_CERT_DATE_INVALID at https://example.test/
Error: self-signed certificate in certificate chain
error: invalid peer certificate: UnknownIssuer
peer certificate cannot be authenticated with given CA certificates
error: TLS handshake timeout
140:error:0A000086:SSL routines:tls_post_process:certificate
fatal: gnutls_handshake() failed: Handshake failed
javax.net.ssl.SSLHandshakeException: PKIX path building failed
OpenSSL: SSL connection timeout
curl: (60) SSL certificate problem: unknown issuer
git: certificate has expired
[SSL: CERTIFICATE_VERIFY_FAILED]
requests.exceptions.SSLError: HTTPSConnectionPool
get the module: x509: issuer has no name
Error: tls: protocol version not supported`,
  proxy: `
HTTP/1.1 407 Proxy Authentication Required
Error: net::ERR_PROXY_CONNECTION_FAILED
curl: Unsupported proxy syntax in 'x'
Error: net::ERR_TUNNEL_CONNECTION_FAILED
OSError: Tunnel connection failed: 403 Forbidden
pip: Cannot connect to proxy.
requests.exceptions.ProxyError: HTTPSConnectionPool`,
  credentials: `
Permission denied, please try again.
unauthorized: authentication needed
ERROR 1045 (28000): Access denied for user 'app'
psql: error: FATAL: password authentication failed for user "app"
Error: Invalid API key provided
To get started with GitHub CLI, please run: gh auth login
To use it set a token: gh auth login
Error: https://registry.example.test/v2/: denied
pods is forbidden: User "dev" in the cluster cannot list resource
The security token included in the request is expired
Error from server (Forbidden): pods
An error occurred (AccessDenied) when calling the operation
rpc error: code = PERMISSION_DENIED desc = no
grpc.StatusCode.UNAUTHENTICATED
remote: HTTP Basic: Access denied
remote: Support for password authentication was removed on August 13, 2021.
denied: requested access to the resource is denied
error: no basic auth credentials
error: missing x-api-key header
Please run \`az login\` to set up an account
error: token has expired
ExpiredToken: a new one is needed
InvalidClientTokenId: no such id
NoCredentials: could not load credentials from any provider
You are not logged in.
remote: Repository not found.
fatal: Authentication failed for 'https://git.example.test/'`,
  http_status: `
You have exceeded a secondary rate limit
error: Bad Gateway - 502
Got a bad answer (HTTP 503)
Got no answer (403)
the answer was HTTP 000
An error occurred: Rate exceeded
AxiosError: Request failed with status code 404
curl: The requested URL returned error: 404
error: rate limit exceeded
API rate limit for 10.0.0.1
error: too many requests, slow down
urllib.error.HTTPError: HTTP Error 501
requests said 429 Client Error
openai.APIStatusError: 429
Code: 503`,
  connection: `
npm error code ERR_SOCKET_TIMEOUT
Error: socket hang up
fatal: unable to access 'https://git.example.test/a.git/'
urllib.error.URLError: <urlopen error>
error: stream disconnected before completion
ConnectionRefusedError
error: connection unexpectedly closed
error: temporary error (try again later)
Could not transfer artifact a:b:jar:1 from/to central
5 packets transmitted, 0 received, 100% packet loss
;; connection timed out; no servers could be reached
nothing on port 5432: no listener
rsync error: error in socket IO (code 10)
error trying to connect
error: connection closed before message completed
error: unexpected disconnect while reading sideband packet
curl: Recv failure
curl: transfer closed with 100 bytes remaining to read
error: download of https://example.test/a.crate failed
Error: Premature close
Error: net::ERR_INTERNET_DISCONNECTED
System.Net.Http.WinHttpException: 12007
System.Net.Http.HttpRequestException: An error occurred
curl: Failed to connect to example.test port 443
request failed (ECONNREFUSED)
connection to server at "10.0.0.2", port 5432 failed
curl: (52) nothing came
socket.SocketError: it is gone
details = "failed to connect to all addresses"
grpc.StatusCode.UNAVAILABLE
Failed to establish a new connection
pip: Read timed out.
ReadTimeoutError
dial tcp 10.0.0.2:443: it is gone
error sending request
curl: Empty reply from server
ssh: Connection closed by 10.0.0.2 port 22
kex_exchange_identification: read
java.net.ConnectException`,
  watchers: `
Error: too many inotify watches
Increase fs.inotify.max_user_watches
Error: inotify watch limit reached
user limit on the total number of inotify watches was reached`,
  disk_full: `
pods "a" is forbidden: exceeded quota: storage
database or disk full
error: not enough disk space
Insufficient space for shared memory file
write failed (ENOSPC)`,
  memory: `
Error: ENOMEM
cc1: virtual memory exhausted
FATAL ERROR: Allocation failed - process
OOM when allocating tensor with shape[1]
tensorflow.python.framework.errors_impl.ResourceExhaustedError
FATAL ERROR: Ineffective mark-compacts near heap limit
1: 0xb: v8::internal::V8::FatalProcessOutOfMemory(v8)
2: 0xb: v8::internal::Heap::Collect()
> Java heap space
PHP Fatal error: Allowed memory size of 134217728 bytes exhausted
# There is insufficient memory for the Java Runtime Environment to continue.
[12.345] Out of memory: Killed process 4242 (node)
oom-kill:constraint=CONSTRAINT_MEMCG
OSError: [WinError 1455] The paging file is too small for this operation
FATAL ERROR: Reached heap limit
CUDA out of memory`,
  killed_child: `
error: process was killed by SIGKILL
error: the compiler was Killed`,
  descriptors: `
npm error code EMFILE
request failed (ENFILE)`,
  processes: `
Error: EAGAIN
bash: Cannot fork
runtime: failed to create new OS thread (have 8 already)
the thread pool could not grow: Resource temporarily unavailable
BlockingIOError: [Errno 11]
could not start it: Resource temporarily unavailable`,
  timed_out: `
E       Failed: Timeout >5.0s
Error: The operation was canceled.
Error: Timeout exceeded while waiting
Error: Operation timed out
Error: Execution timed out
PHP Fatal error: Maximum execution time of 30 seconds exceeded
The job has timed out
playwright [TimeoutError]: waiting
test 12: TIMEOUT in 5.00s
the build ended with status: TIMEOUT
Command timed out
subprocess.TimeoutExpired
the job timed out after 30`,
  patch_failed: `
Invalid patch: no hunk
error: apply_patch verification failed
Failed to find expected lines`,
  compile_error: `
Program.cs(3,5): error CS0103
Main.java: cannot find symbol`,
  sql_error: `
ERROR: relation users does not exist
sqlite3.IntegrityError: UNIQUE constraint failed: a.b
ERROR: syntax error at or near SELECT
ERROR 1064 (42000): You have an error in your SQL syntax`,
  conflict: `
Diff in /srv/a.rs:1`,
  shell_syntax: `
fish: Expected end of the statement
sh -c ended with syntax error: unexpected word
bash: -c: unexpected end of file
bash: \${x!}: bad substitution
bash: !x: event not found
The string is missing the terminator
zsh: unmatched "
sh: Unterminated quoted string
sh: 1: Syntax error: word unexpected`,
  usage_error: `
error: unknown option --frob
sed: illegal option -- z
the literal "\\n" is not allowed in a regex
option '--file' requires an argument
cp: missing operand
bash: cd: too many arguments
a.py: error: the following arguments are required: name
npm error code EUSAGE
unknown command "frob" for "kubectl"
the program has no command named frob
cat: src: Is a directory
cd: a.txt: Not a directory`,
  command_not_found: `
error: could not find executable jq
No version is set for command node
No interpreter found for Python 3.12
No compiler is provided in this environment. Perhaps you are running on a JRE
asdf: the shim for node was not found
error: command not found (frob)`,
  module_not_found: `
lua: module 'socket' not found
Could not load module a
Caused by: java.lang.ClassNotFoundException: a.B
Error in library(x): there is no package called x
[vite] Error: failed to resolve import "react" from src
the loader ended with Cannot find module 'react'
E   ModuleNotFoundError`,
  library_not_found: `
No package gtk+-3.0 found
-- Could NOT find OpenSSL
CMAKE_CXX_COMPILER not set, after EnableLanguage
the development headers of zlib are not installed or missing
CMake did not find one.
  Reason: image not found
a.m:1:9: fatal error: Foundation file not found
bash: ./tool: Bad CPU type in executable
dyld[4242]: it was not there
./tool: error while loading shared libraries
libfoo.so.1: cannot open shared object file
  Library not loaded: @rpath/libfoo.dylib
bash: ./tool: Exec format error
bash: ./run: cannot execute: required file not found`,
  service_not_running: `
NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.
Unit docker.service could not be found.
System has not been booted with systemd as init system (PID 1).
Cannot connect to the Docker daemon
Is the docker daemon running?`,
  package_not_found: `
error: not found: left-pad
Error: Unable to find a match: frob
Error: No available formula with the name
error: unable to find package frob
npm error code EBADENGINE
No candidates were found
E: Package frob has no installation candidate
error: the set does not provide attribute frob
frob is not in this registry.
error: target not found: frob`,
  path_not_found: `
Error: File 'a.txt' not found
FileNotFoundError
error: the folder /srv/x does not exist`,
  sandbox: `
Bad system call (core dumped)
FATAL: No usable sandbox!
CreateProcessAsUserW failed: 5
osascript: Not authorized to send Apple events to Finder.
the call was denied by the sandbox
the call was blocked by the sandbox
the call is not allowed in the sandbox`,
  permission: `
+ FullyQualifiedErrorId : UnauthorizedAccess
a.ps1 cannot be loaded because running scripts is disabled on this system.
sqlite3.OperationalError: attempt to write a readonly database
PermissionError
open failed (EACCES)`,
  privileges: `
Failed to restart it: Interactive authentication required.
the "no new privileges" flag is set
dev is not in the sudoers file.
sudo: it may not
a terminal is required to read the password`,
  policy: `
the request is not allowed by policy
this feature is disabled by your administrator
the change is forbidden by rule 7`,
  words_of_connection: `
it was told that https://example.test/x/y was then unreachable
the API request has failed
request to the registry failed
there was an error while loading https://example.test/
please check your connection
on the other side: recv error
you have no internet connectivity
the other side sent a TLS alert
we were unable to get https://example.test/
the tunnel is down`,
  words_of_login: `
the credentials are missing
an invalid access token was sent
$ frob cloud login
the user gave a wrong password
there was an authorization failure
you are out of your quota
the plan is inactive
the api key is revoked
the token that was sent is not valid`,
  words_of_absence: `
it could not find the gem
some parts of it are not yet installed
it should be in your PATH
ANDROID_HOME is not set
make sure that frob is installed
the version is older than what is needed
its version 1.2 is not supported
this requires node 18 or newer
could not find frob in locally known places
frob is not on your PATH`,
  words_of_permission: `
this operation is forbidden
there are missing permissions
this requires access to a device
this is a read-only volume
this must be done as root`,
  words_of_limits: `
there are too many threads
the pid limit reached its end`,
  words_of_waiting: `
a timeout occurred
its status was DEADLINE_EXCEEDED
it took too long
it was aborted due to a timeout`,
};
