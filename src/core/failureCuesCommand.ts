import { cue, errorCode, errorText } from './failureCue.ts';
import type { Conclusion, CueRule } from './failureRule.ts';

const MISSING: Conclusion = { category: 'missing_dependency', confidence: 'likely' };
const MAYBE_MISSING: Conclusion = { category: 'missing_dependency', confidence: 'possible' };
const COMMAND: Conclusion = { category: 'command_exit', confidence: 'likely' };

/** What shells, loaders and package managers print when something is not installed. */
export const MISSING_CUES: readonly CueRule[] = [
  // bash, zsh, dash, busybox, fish, cmd, PowerShell, env(1), make, Node's spawn, Go's and Docker's exec, and shims
  cue(
    'command_not_found',
    2,
    MISSING,
    'command not found\\b|(?:.{0,100}: )?[^\\s:]{1,80}: not found$|.{0,160}is not recognized as (?:an internal|the name|a name)|Unknown command:? |.{0,100}executable file not found in|spawn(?:Sync)? .{1,200} ENOENT|(?:\\S{0,80}/)?(?:env|xargs|nohup|nice|timeout|make|sudo|exec|execvp|command|stdbuf): .{0,120}(?:No such file or directory|command not found)|.{0,160}bad interpreter\\b|.{0,120}\\b(?:binary|executable|command|program|tool|interpreter|compiler)\\b.{0,60} (?:was |is )?not found\\.?$|(?:could not|cannot|can.t|unable to|failed to) (?:find|locate) (?:the )?(?:binary|executable|command|program|compiler|interpreter)\\b|no such (?:sub)?command|.{0,60}is not a (?:git|docker|npm) command|(?:\\S{1,60} ){1,6}is not installed\\b|linker .{1,40} not found|.{0,80}Executable doesn.t exist at|.{0,60}shim .{0,60}not found',
  ),
  // Node, Python, Ruby, Perl, PHP, Java, Lua, R, Go and Rust about their own libraries
  cue(
    'module_not_found',
    2,
    MISSING,
    "(?:\\[?ERR_MODULE_NOT_FOUND\\]?|Cannot find (?:module|package)|Can.t resolve|Could not resolve|Module not found)\\b|.{0,40}Cannot find (?:module|package) ['\"]|.{0,40}ModuleNotFoundError\\b|.{0,100}No module named\\b|ImportError\\b|.{0,80}cannot load such file|Can.t locate \\S+ in @INC|Could not find (?:gem|'?\\w+'? \\()|.{0,40}Could not find or load main class|.{0,40}ClassNotFoundException|.{0,40}there is no package called|.{0,160}no required module provides package|.{0,80}can.t find crate for|.{0,80}package .{1,80} is not in (?:std|GOROOT)|.{0,20}code: 'MODULE_NOT_FOUND'|module '.{1,80}' not found",
  ),
  // ld.so(8), dyld, ld, the C preprocessor, pkg-config, and a binary for another machine
  cue(
    'library_not_found',
    2,
    MISSING,
    '.{0,160}(?:error while loading shared libraries|cannot open shared object file|version .GLIBC\\S* not found|Library not loaded:|image not found$)|dyld\\[|.{0,80}cannot find -l|.{0,160}fatal error: \\S+\\.h\\w*: No such file|.{0,160}fatal error: .{1,80} file not found|Package .{1,80} (?:was )?not found in the pkg-config|No package .{1,80} found|.{0,160}(?:Exec format error|cannot execute(?: binary file|: required file not found)|cannot execute binary)|.{0,80}Bad CPU type',
  ),
  cue(
    'service_not_running',
    2,
    MISSING,
    '.{0,40}Cannot connect to the Docker daemon|.{0,80}Is the docker daemon running|.{0,80}docker\\.sock',
  ),
  // A package manager that does not know the package: a consequence when it could not reach its registry either
  cue(
    'package_not_found',
    1,
    MISSING,
    'No matching distribution found|Could not find a version that satisfies|Unable to locate package|.{0,40}has no installation candidate|no matching package named|(?:code )?E404\\b|404 Not Found - GET|.{0,80}is not in (?:this|the npm) registry|Unable to find a match|No available formula|unable to find package|.{0,40}target not found|Unsupported engine|EBADENGINE|ERESOLVE|toolchain .{1,80} is not installed|No candidates were found',
  ),
  // errno ENOENT about any path: the model's wrong guess as often as a gap in the environment
  cue(
    'path_not_found',
    1,
    MAYBE_MISSING,
    errorText('No such file', 'The system cannot find the (?:file|path)', 'Cannot find path') +
      '|.{0,200}does not exist\\.?$|' +
      errorCode('ENOENT') +
      '|FileNotFoundError\\b',
  ),
];

/** Mistakes in the command itself: whatever else the shell's start-up printed above them is noise. */
export const COMMAND_CUES: readonly CueRule[] = [
  cue(
    'shell_syntax',
    2,
    COMMAND,
    '.{0,120}(?:syntax error near unexpected token|syntax error: unexpected|unexpected EOF while looking for|unexpected end of file|parse error near|Unterminated quoted string|no matches found: |unbound variable|bad substitution|event not found|missing the terminator|unmatched )|Syntax error: |fish: Expected ',
  ),
  cue(
    'usage_error',
    2,
    COMMAND,
    '.{0,120}(?:unrecognized (?:option|argument|subcommand)|unknown (?:option|argument|flag|shorthand flag|switch)|invalid (?:option|argument)|illegal option|unexpected argument|regex parse error|is not allowed in a regex|requires an argument|missing operand|too many arguments|Missing script:|the following (?:required )?arguments are required|not a git repository|pathspec .{1,120} did not match|nothing to commit|is a directory\\.?$|not a directory\\.?$)',
  ),
];
