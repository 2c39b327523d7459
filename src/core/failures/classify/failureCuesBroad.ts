import { cue } from './failureCue.ts';
import type { Conclusion, CueRule } from './failureRule.ts';

/**
 * What tools that nobody listed say in their own words. A category's nouns beside words of failure, on one line, in
 * either order: programs invent sentences, but not the vocabulary. Weakest of all cues, so that any known
 * wording on any line outranks them, and never certain.
 */
function words(name: CueRule['name'], category: Conclusion['category'], anywhere: readonly string[]): CueRule {
  return cue(name, 0, { category, confidence: 'possible' }, { anywhere });
}

const UNABLE = "(?:fail(?:ed|ure|s)?|unable|could ?n[o']t|cannot|can.t|error|problem|trouble|impossible|giving up)";
/** A part of an installation that can be absent. */
const PART =
  '(?:modules?|packages?|librar(?:y|ies)|commands?|executables?|binar(?:y|ies)|programs?|tool(?:chain|kit)?s?|dependenc(?:y|ies)|gems?|crates?|plugins?|extensions?|compilers?|interpreters?|SDKs?|JDK|JRE|runtimes?|drivers?|browsers?|formulae?|providers?|headers?|utilit(?:y|ies)|workloads?|assembl(?:y|ies)|encoders?|decoders?|codecs?|fonts?|bindings?|specifications?|artifacts?|components?|targets?|distributions?|language server)';

/** What stands before the name of a part that is not there. Each of the nouns is in a pattern only twice: compiling it
 * for every phrase took the first failure of a process 50 ms. */
const UNSEEN = [
  "\\b(?:cannot|can.t|could ?n[o']t|unable to|failed to|did not|not) (?:find|locate|load|import|resolve|detect|select|spawn|launch|exec\\w*)\\b[^:;]{0,60}\\b",
  '\\b(?:error loading|found no) [^:;]{0,60}\\b',
  '\\bis missing (?:the |a |an |some )?(?:required)?',
  '(?:^|: ?)(?:missing|no such|unknown|unmet)(?: \\w+)?',
  '\\bno (?:\\w+ ){0,2}(?:installed|available|usable|suitable|compatible)(?: \\w+){0,2}',
].join('|');

export const BROAD_CUES: readonly CueRule[] = [
  words('words_of_connection', 'network', [
    `\\b${UNABLE}\\b.{0,40}\\b(?:connect(?:ing|ions?)?|reach(?:ing)?|contact(?:ing)?|download(?:ing)?|fetch(?:ing)?|communicat(?:e|ing)|handshake|look ?up host|dial(?:ing)?)\\b`,
    `\\b(?:fail(?:ed|ure|s)?|unable|could ?n[o']t|cannot) [^.;]{0,60}\\bhttps?://`,
    '\\bhttps?://\\S{1,300} .{0,40}\\b(?:failed|timed out|unreachable|unavailable|refused)\\b',
    '\\b(?:connections?|connecting|network|socket|handshake|tunnel|transport|connect|download|upload)\\b.{0,60}\\b(?:failed|failure|refused|reset|lost|closed|dropped|unreachable|unavailable|timed out|broken|terminated|interrupted|aborted|down|error)\\b',
    '\\b(?:server|service|host|endpoint|registry|mirror|upstream|gateway|proxy|remote|peer|database|broker|daemon|cluster|node|target|API)\\b.{0,40}\\b(?:refused|unreachable|unavailable|not respond\\w*|not reachable|did not (?:respond|answer)|is (?:down|offline)|not accepting|hung up|is not running)\\b',
    '\\b(?:API|HTTP|network|remote) (?:request|call)\\b.{0,60}\\bfailed\\b|\\brequest to .{1,120} failed\\b',
    '\\berror (?:when|while) .{0,60}\\bhttps?://',
    '\\b(?:check|verify) (?:your|the) (?:\\w+ )?connection\\b|\\binternet connection\\b',
    '\\b(?:receive|recv) (?:failed|error)\\b',
    '\\b(?:no|check (?:your|the)) (?:internet|network) connect\\w*',
    '\\bSSL routines\\b|\\bTLS alert\\b|\\b(?:bad|invalid|expired|untrusted|unknown) certificate\\b|\\bcertificate\\b.{0,40}\\b(?:invalid|expired|untrusted|unknown|rejected|not trusted|required)\\b',
  ]),
  words('words_of_login', 'network', [
    '\\b(?:not|n.t|must be|need to be|has to be) (?:currently )?(?:logged|signed) in(?:to)?\\b',
    '\\b(?:please|run|try|use|using|first|need to|must|to)\\b.{0,60}\\b(?:log[ -]?in|sign[ -]?in|re-?authenticate|authenticate)\\b',
    '\\b(?:no|missing|invalid|bad|wrong|incorrect|expired|without|unable to|could not|couldn.t|cannot|failed to|not)\\b.{0,50}\\bcredentials?\\b',
    '\\bcredentials?\\b.{0,50}\\b(?:not|missing|invalid|expired|rejected|required|incorrect|denied|no longer)\\b',
    '\\b(?:access|auth\\w*|refresh|security|api|session|bearer|id|oauth|service account|personal access) ?(?:token|key)s?\\b.{0,40}\\b(?:expired|invalid|revoked|missing|not (?:set|found|valid)|rejected|required)\\b',
    '\\b(?:expired|invalid|revoked|missing|bad|no) (?:access|auth\\w*|refresh|security|api|session|bearer|oauth) ?(?:token|key)\\b',
    '\\btokens? (?:\\w+ ){0,6}(?:is|are|was|has) (?:been )?(?:not valid|no longer valid|invalid|expired|revoked|missing|rejected)\\b',
    '^(?:\\$ )?[\\w-]{2,20}(?: [\\w-]{2,20}){0,2} log-?in\\b',
    '\\b(?:unauthori[sz]ed|unauthenticated|not authori[sz]ed|authori[sz]ation failed|login (?:failed|required)|invalid (?:user ?name|password|login)|wrong password)\\b',
    '\\b(?:authentication|authori[sz]ation) (?:error|failure|denied|required)\\b',
    '\\b(?:over|exceed(?:ed|s)?|out of) (?:its |your |the )?(?:\\w+ )?(?:quota|rate limit|bandwidth|credits)\\b',
    '\\b(?:subscription|quota|plan|billing|account)\\b.{0,40}\\b(?:required|exceeded|exhausted|suspended|disabled|expired|inactive)\\b',
  ]),
  words('words_of_absence', 'missing_dependency', [
    `\\b${PART}\\b[^:;]{0,60}\\b(?:not (?:be )?(?:found|installed|available|located|resolved|present)|(?:is|are|was|were) missing|does ?n.t exist|does not exist)\\b`,
    `(?:${UNSEEN}) ?${PART}\\b`,
    '\\b(?:is|are|was)(?: not|n.t) (?:currently |yet )?installed\\b',
    '\\b(?:needs? to|must|should) be (?:in|on) (?:the |your |\\$)*PATH\\b',
    '\\b(?:please|must|need to|should|you can|try) (?:be )?(?:re-?)?install(?:ed|ing)?\\b',
    '\\b[A-Z]{2,20}_HOME\\b.{0,60}\\b(?:not (?:set|defined|found)|invalid|incorrect|does not)\\b',
    '\\bif (?:\\S{1,40} ){1,3}is (?:already )?installed\\b|\\b(?:make sure|ensure|sure)(?: that)? (?:\\S{1,40} ){1,4}(?:is|are) installed\\b',
    '\\bversion\\b.{0,60}\\b(?:is|are) (?:lower|older|newer|higher) than\\b',
    '\\bversion (?:is )?\\S{1,20},? (?:but|is (?:not supported|too old|incompatible)|does not satisfy)\\b',
    '\\brequires? \\S{1,40}(?: \\S{1,20}){0,3}(?:, but| to be installed| which is not| or (?:later|newer|higher))',
    'could not find .{1,120} in (?:locally|any|PATH|\\$PATH|your PATH)',
    '\\bnot (?:found )?(?:in|on) (?:your |the |\\$)*(?:PATH|classpath|GOPATH|PYTHONPATH)\\b',
  ]),
  words('words_of_permission', 'sandbox_approval', [
    '\\b(?:permissions?|operation|access(?: to .{1,80})?|privileges?)\\b.{0,40}\\b(?:is |was |were |been )?(?:denied|not permitted|not allowed|insufficient|restricted|forbidden|required)\\b',
    '\\b(?:insufficient|lack(?:s|ing)?|no|without|missing|elevated|requires?) (?:\\w+ )?(?:permissions?|privileges?)\\b',
    '\\b(?:not|n.t) (?:permitted|privileged|writable|have (?:\\w+ )?permissions?)\\b',
    '\\b(?:not|n.t) allowed to\\b',
    '\\brequires? (?:\\w+ )?access to\\b|\\brun again with the --allow-\\w+ flag',
    '\\b(?:denied|blocked|rejected|disallowed|forbidden|prohibited|restricted|prevented)\\b.{0,30}\\b(?:by|in|under)\\b.{0,40}\\b(?:permissions?|polic(?:y|ies)|settings?|rules?|hooks?|sandbox|administrator|configuration|mode)\\b',
    '\\bread-?only (?:file ?system|mode|volume|mount)\\b',
    '\\b(?:as|need(?:s|ed)?|be|requires?) (?:the )?(?:root|superuser|administrator)\\b',
  ]),
  words('words_of_limits', 'resource', [
    '\\b(?:out of|not enough|insufficient|ran out of|exceed(?:s|ed|ing)? (?:the )?(?:available |maximum |configured )?) ?(?:\\w+ )?(?:memory|RAM|VRAM|heap|swap|disk|space|inodes|file descriptors|file handles|storage)\\b',
    '\\b(?:memory|heap|disk|stack|storage)\\b.{0,60}\\b(?:exhausted|exceeded|is full|too low|allocation failed|limit reached|overflow)\\b',
    '\\btoo many (?:open|processes|threads|clients|connections|watches)\\b',
    '\\b(?:process|thread|file|inode|pid|watch)s? limit (?:reached|exceeded)\\b',
  ]),
  words('words_of_waiting', 'timeout', [
    '\\b(?:timed[ -]?out|timing out)\\b',
    '\\btime-?out (?:occurred|error)\\b|\\btimeout:? (?:after|waiting|while|when|of \\d)|: timeout$',
    '\\b(?:time ?out|time limit|deadline)\\b.{0,40}\\b(?:exceeded|expired|reached|elapsed|hit)\\b',
    '\\bdeadline[ _]?exceeded\\b',
    '\\b(?:took|taking) too long\\b',
    '\\bdid not (?:finish|complete|become ready|start|exit|terminate|respond) (?:in time|within)\\b',
    '\\baborted due to (?:a )?time-?out\\b',
  ]),
];
