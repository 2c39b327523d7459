import { cue, errorCode, errorText } from './failureCue.ts';
import type { Conclusion, CueRule } from './failureRule.ts';

const NETWORK: Conclusion = { category: 'network', confidence: 'likely' };

/** What programs print when a remote service cannot be reached or will not answer. */
export const NETWORK_CUES: readonly CueRule[] = [
  // libc (getaddrinfo(3)'s gai_strerror on glibc, musl, macOS), Node, Go, Rust, curl, .NET, Java, apt, Chromium
  cue(
    'dns',
    3,
    NETWORK,
    'getaddrinfo (?:ENOTFOUND|EAI_AGAIN|failed)|(?:code |errno )?(?:ENOTFOUND|EAI_AGAIN)\\b|Could not resolve (?:host|proxy|hostname)|.{0,160}(?:Temporary failure (?:in name resolution|resolving)|Name or service not known|nodename nor servname provided|no such host\\b|Name does not resolve|failed to lookup address|No address associated with hostname|NameResolutionError|Failed to resolve .{1,80}Errno|server misbehaving)|The remote name could not be resolved|(?:java\\.net\\.)?UnknownHostException|unknown host\\b|No such host is known|net::ERR_NAME_NOT_RESOLVED|DNS (?:lookup|resolution) failed|Unable to resolve host|Cannot resolve (?:host|hostname)\\b',
  ),
  // OpenSSL, Node's codes, Go's x509, GnuTLS, schannel, rustls, Java
  cue(
    'tls',
    3,
    NETWORK,
    '.{0,120}(?:SSL certificate problem|certificate (?:verify failed|has expired|is not trusted|signed by unknown)|CERTIFICATE_VERIFY_FAILED|self[- ]signed certificate|unable to (?:get local issuer|verify the first) certificate|x509: |server certificate verification failed|invalid peer certificate|peer certificate cannot be authenticated)|(?:code )?(?:CERT_HAS_EXPIRED|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_\\w+|ERR_SSL_\\w+|EPROTO)\\b|(?:requests\\.exceptions\\.|ssl\\.)?SSL(?:Error|CertVerificationError)\\b|tls: |.{0,60}TLS (?:handshake|connect) ?(?:error|failed|timeout)|.{0,60}gnutls_handshake\\(\\) failed|schannel:|.{0,60}SSLHandshakeException|.{0,40}SSL_ERROR_|.{0,60}SSL connection (?:error|timeout)|net::ERR_CERT_',
  ),
  cue(
    'proxy',
    3,
    NETWORK,
    '.{0,120}(?:Proxy Authentication Required|from proxy after CONNECT|CONNECT tunnel failed|Tunnel connection failed|Cannot connect to proxy|ProxyError\\b|proxyconnect tcp|tunneling socket could not be established|ERR_PROXY_CONNECTION_FAILED|Unsupported proxy|ERR_TUNNEL_CONNECTION_FAILED)',
  ),
  // ssh and git over ssh say "Permission denied" about keys: before the file system's sentence of the same words
  cue(
    'credentials',
    3,
    NETWORK,
    '.{0,120}Permission denied \\((?:publickey|password|keyboard|gssapi)|Permission denied, please try again|Host key verification failed|Authentication failed(?: for|$)|could not read (?:Username|Password) for|.{0,60}(?:HTTP Basic: Access denied|Invalid username or (?:password|token)|Support for password authentication was removed)|unauthorized(?:: |$)|.{0,60}(?:authentication required|requested access to the resource is denied|no basic auth credentials|(?:invalid|incorrect|missing) (?:x-)?api[ -]?key|bad credentials|token (?:is|has) (?:expired|invalid)|ExpiredToken|InvalidClientTokenId|could not load credentials|Unable to locate credentials|You are not logged in|Repository not found\\.?$|ENEEDAUTH|need auth\\b)|(?:code )?E40[13]\\b|Invalid API key|gh auth login|To get started with GitHub CLI, please run',
  ),
  // 429 and 5xx of registries and APIs
  cue(
    'http_status',
    3,
    NETWORK,
    '.{0,100}(?:The requested URL returned error:? \\d{3}|\\b(?:HTTP(?:/\\d(?:\\.\\d)?)?|(?:HTTP )?(?:status|error)(?: code)?|response(?: status)?(?: code)?)[:=]? ?"?(?:401|402|403|407|408|429|50[0234])\\b|\\b(?:401:? Unauthorized|403:? Forbidden|429:? Too Many Requests|500:? Internal Server Error|502:? Bad Gateway|503:? Service (?:Temporarily )?Unavailable|504:? Gateway Time-?out|529 Overloaded))|(?:code )?E(?:429|50[0234])\\b|toomanyrequests\\b|.{0,80}(?:rate limit(?:ed)? exceeded|API rate limit|secondary rate limit|too many requests)|Request failed with status code [45]\\d\\d|.{0,40}HTTP Error (?:40[1378]|429|5\\d\\d)',
  ),
  // errno of connect(2) and of a connection that went away, and what git, ssh, curl, pip, cargo, Go and Java make of them
  cue(
    'connection',
    3,
    NETWORK,
    errorText(
      'Connection refused',
      'Connection reset by peer',
      'Connection timed out',
      'Network is unreachable',
      'No route to host',
      'Host is unreachable',
      'Connection aborted',
      'Remote end closed connection',
      'Software caused connection abort',
    ) +
      '|' +
      errorCode('ECONN(?:REFUSED|RESET|ABORTED)', 'E(?:HOST|NET)UNREACH', 'ENETDOWN', 'E(?:SOCKET)?TIMEDOUT') +
      "|(?:ERR_SOCKET_TIMEOUT|UND_ERR_\\w+)\\b|socket hang up|Failed to connect to |Couldn.t connect to server|Could ?n[o']t connect to (?!.{0,40}docker daemon)|Unable to connect to |Unable to access 'https?|.{0,80}(?:Failed to establish a new connection|Max retries exceeded with url|Read timed out|ConnectTimeoutError|ReadTimeoutError|ConnectionResetError|dial tcp .{1,120}: |i/o timeout|error sending request|error trying to connect|connection closed before message|remote end hung up unexpectedly|RPC failed;|early EOF|unexpected disconnect while reading|Recv failure|Empty reply from server|transfer closed with|Connection closed by (?:remote host|\\d)|kex_exchange_identification|spurious network error|network failure|download of .{1,120} failed|Failed to fetch (?:https?|\")|network (?:request|connectivity|error|timeout)|net/http: (?:request canceled|TLS)|fetch failed|Premature close|net::ERR_(?:INTERNET|CONNECTION|NETWORK|ADDRESS|TIMED)|WinHttpException|HttpRequestException|java\\.net\\.(?:ConnectException|SocketException|SocketTimeoutException|NoRouteToHostException))|(?:requests\\.exceptions|urllib3\\.exceptions|httpx|aiohttp\\.client_exceptions|httpcore)\\.\\w*(?:Connect|Timeout|Connection)\\w*|(?:urllib\\.error\\.)?URLError\\b|(?:builtins\\.)?ConnectionError\\b|stream disconnected",
  ),
];
