import { cue, errorCode, errorText } from './failureCue.ts';
import type { Conclusion, CueRule } from './failureRule.ts';

const MISSING: Conclusion = { category: 'missing_dependency', confidence: 'likely' };
const MAYBE_MISSING: Conclusion = { category: 'missing_dependency', confidence: 'possible' };
const MODEL: Conclusion = { category: 'model', confidence: 'likely' };
const COMMAND: Conclusion = { category: 'command_exit', confidence: 'likely' };

/** What shells, loaders and package managers print when something is not installed. */
export const MISSING_CUES: readonly CueRule[] = [
  // bash, zsh, dash, busybox, fish, cmd, PowerShell, env(1), make, Node's spawn, Go's and Docker's exec, and shims
  cue('command_not_found', 2, MISSING, {
    starts: [
      'command not found\\b',
      'Unknown command:? ',
      'spawn(?:Sync)? .{1,200} ENOENT',
      '(?:\\S{0,80}/)?(?:env|xargs|nohup|nice|timeout|make|sudo|exec|execvp|command|stdbuf): .{0,120}(?:No such file or directory|command not found)',
      '(?:could not|cannot|can.t|unable to|failed to) (?:find|locate) (?:the )?(?:binary|executable|command|program|compiler|interpreter)\\b',
      'no such (?:sub)?command',
      'No version is set for command',
      'No interpreter found for ',
      'No compiler is provided in this environment',
      '(?:\\S{1,60} ){1,6}is not installed\\b',
      'linker .{1,40} not found',
    ],
    anywhere: [
      '(?:^|: )[^\\s:]{1,80}: not found$',
      'is not recognized as (?:an internal|the name|a name)',
      'executable file not found in',
      'Python was not found',
      'could not be found in this WSL',
      'bad interpreter\\b',
      '\\b(?:binary|executable|command|program|tool|interpreter|compiler)\\b.{0,60} (?:was |is )?not found(?:[.:;,]|$)',
      'is not a (?:git|docker|npm) command',
      'Executable doesn.t exist at',
      'shim .{0,60}not found',
    ],
  }),
  // Node, Python, Ruby, Perl, PHP, Java, Lua, R, Go and Rust about their own libraries
  cue('module_not_found', 2, MISSING, {
    starts: [
      '(?:\\[?ERR_MODULE_NOT_FOUND\\]?|Cannot find (?:module|package)|Can.t resolve|Could not resolve|Module not found)\\b',
      'ImportError\\b',
      'Can.t locate \\S+ in @INC',
      "Could not find (?:gem|'?\\w+'? \\()",
      "module '.{1,80}' not found",
      'Cannot find native binding',
      'Could not load module\\b',
      'Class ["\'].{1,80}["\'] not found',
      'Could not find (?:directory of|the system library|.{1,40} installation)',
    ],
    anywhere: [
      'Cannot find (?:module|package) [\'"]',
      'ModuleNotFoundError\\b',
      'No module named\\b',
      'cannot load such file',
      'Could not find or load main class',
      'ClassNotFoundException',
      'there is no package called',
      'no required module provides package',
      'can.t find crate for',
      'package .{1,80} is not in (?:std|GOROOT)',
      // What begins with a dot or a slash is the project's own.
      '\\bfailed to resolve import ["\'](?![./])',
      "code: 'MODULE_NOT_FOUND'",
    ],
  }),
  // ld.so(8), dyld, ld, the C preprocessor, pkg-config, and a binary for another machine
  cue('library_not_found', 2, MISSING, {
    starts: ['dyld\\[', 'Package .{1,80} (?:was )?not found in the pkg-config', 'No package .{1,80} found'],
    anywhere: [
      'configure: error: (?:no acceptable|Package requirements|.{1,80} (?:not found|is required|was not found))',
      'Could not find a (?:package )?configuration file',
      '-- Could NOT find ',
      'Could not find CMAKE',
      '\\bCMAKE_\\w{1,20}_COMPILER not set',
      '\\bdevelopment (?:packages?|files|headers|libraries)\\b.{0,40}\\b(?:installed|not found|missing)',
      'CMake did not find one',
      '\\bis required to build\\b',
      '\\bor greater is required',
      'could not find system library',
      'is missing (?:required )?dependencies\\b',
      'invalid active developer path',
      'Unable to locate a Java',
      'command could be found in your PATH',

      'error while loading shared libraries',
      'cannot open shared object file',
      'version .GLIBC\\S* not found',
      'Library not loaded:',
      'image not found$',
      'cannot find -l',
      'library not found for -l',
      'fatal error: \\S+\\.h\\w*: No such file',
      'fatal error: .{1,80} file not found',
      'Exec format error',
      'cannot execute(?: binary|: required file not found)',
      'Bad CPU type',
    ],
  }),
  cue('service_not_running', 2, MISSING, {
    anywhere: [
      'Cannot connect to the Docker daemon',
      'Is the docker daemon running',
      'communicate with the NVIDIA driver',
      '\\bUnit \\S{1,120}\\.\\w{2,12} (?:could )?not (?:be )?found',
      'System has not been booted with systemd',
    ],
  }),
  // A package manager that does not know the package: a consequence when it could not reach its registry either
  cue('package_not_found', 1, MISSING, {
    starts: [
      '[\\w@./+-]{2,60} (?:was )?not found(?:[.,]|$)',
      'not found: [\\w@./+-]{2,60}$',

      'No matching distribution found',
      'could not determine executable to run',
      'externally-managed-environment',
      'manifest (?:for .{1,80} not found|unknown)',
      'Could not find a version that satisfies',
      'Unable to locate package',
      'no matching package named',
      '(?:code )?E404\\b',
      '404 Not Found - GET',
      'Unable to find a match',
      'No available formula',
      'unable to find package',
      '(?:code )?EBADENGINE',
      'ERESOLVE',
      'No candidates were found',
    ],
    anywhere: [
      'Unsupported engine',
      'has no installation candidate',
      'does not provide attribute ',
      'is not in (?:this|the npm) registry',
      'target not found',
    ],
  }),
  // errno ENOENT about any path: the model's wrong guess as often as a gap in the environment
  cue('path_not_found', 1, MAYBE_MISSING, {
    starts: [
      'file or directory not found',
      'File [`\'"]?\\S{1,160} not found',

      errorCode('ENOENT'),
      'FileNotFoundError\\b',
      'could not find [`"\'].{1,120}[`"\'] in',
      'No such (?:container|image|service|volume|network)\\b',
    ],
    anywhere: [
      errorText('No such file|The system cannot find the (?:file|path)|Cannot find path'),
      '(?:\\b(?:files?|director(?:y|ies)|paths?|folders?)\\b.{0,200}|[/\\\\.]\\S{0,200}) does not exist\\.?$',
    ],
  }),
];

/** Mistakes in the command itself: whatever else the shell's start-up printed above them is noise. */
export const COMMAND_CUES: readonly CueRule[] = [
  // A patch that does not fit the file it was written for: codex' apply_patch inside a shell, git apply, patch(1)
  cue('patch_failed', 2, MODEL, {
    starts: [
      'apply_patch verification failed',
      'Failed to find (?:expected lines|context)',
      'Invalid (?:patch|Context)',
      'patch failed: ',
      'Hunk #\\d+ FAILED',
      '\\d+ out of \\d+ hunks? FAILED',
      '\\S+: patch does not apply',
    ],
  }),
  // A compiler about the code it was given, unless what it misses is a package: that is module_not_found
  cue('compile_error', 2, COMMAND, {
    anywhere: [
      'error TS(?!2307\\b|2688\\b|7016\\b)\\d{4,5}:',
      "error TS2307: Cannot find module '[.~@/]",
      '^error\\[E(?!0463)\\d{4}\\]',
      '^\\S{1,160}:\\d+:(?:\\d+:)? error\\b(?!: (?:Dependency|Program|Library|Package) )',
      '^\\S{1,160}\\(\\d+,\\d+\\): error (?:CS|BC|FS)\\d',
      '\\bcannot find symbol$',
    ],
  }),
  // A database that was reached and says no to the statement, or does not have what it names
  cue('sql_error', 2, COMMAND, {
    anywhere: [
      '\\b(?:database|role|relation|table|column|schema|type|function|index) "[^"]{1,80}" .{0,80}(?:does not exist|already exists)',
      '\\b(?:column|relation) [\\w.]{1,80} (?:does not exist|already exists)',
      'no such (?:table|column): ',
      'violates (?:unique|foreign key|check|not-null) constraint',
      'constraint failed: ',
      'syntax error at or near',
      'You have an error in your SQL syntax',
    ],
  }),
  // git's own refusals: the subject of a commit or the name of a file beside them is no cause
  cue('conflict', 2, COMMAND, {
    starts: ['could not apply [0-9a-f]{7}', 'CONFLICT \\(', 'Automatic merge failed', 'Your local changes to'],
    anywhere: ['\\[(?:remote )?rejected\\]', '^Diff in \\S'],
  }),
  cue('shell_syntax', 2, COMMAND, {
    starts: ['Syntax error: ', 'fish: Expected '],
    anywhere: [
      'syntax error near unexpected token',
      'syntax error: unexpected',
      'unexpected EOF while looking for',
      'unexpected end of file',
      'parse error near',
      'Unterminated quoted string',
      'no matches found: ',
      'unbound variable',
      'bad substitution',
      'event not found',
      'missing the terminator',
      'unmatched ',
    ],
  }),
  cue('usage_error', 2, COMMAND, {
    anywhere: [
      'unrecognized (?:option|argument|subcommand)',
      'unknown (?:option|argument|flag|shorthand flag|switch)',
      'invalid (?:option|argument)',
      'illegal option',
      'unexpected argument',
      'regex parse error',
      'is not allowed in a regex',
      'requires an argument',
      'missing operand',
      'too many arguments',
      'Missing script:',
      'the following (?:required )?arguments are required',
      '\\bEUSAGE\\b',
      'unknown (?:sub)?command .{1,60} for ',
      'has no (?:sub)?command named',
      'not a git repository',
      'pathspec .{1,120} did not match',
      'nothing to commit',
      'is a directory\\.?$',
      'not a directory\\.?$',
    ],
  }),
];
