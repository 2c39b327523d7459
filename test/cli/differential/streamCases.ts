import { sh, type Case } from './case.ts';

interface Ending {
  readonly name: string;
  readonly before?: string;
  readonly after?: string;
}

/** Whether the feeder finds its reader gone is a matter of microseconds, and not ours: it never minds. */
const STDIN: readonly Ending[] = [
  { name: 'a pipe with early data', before: `(trap '' PIPE; printf 'a\\nb\\n' 2> /dev/null; :) | ` },
  {
    name: 'a pipe with late data',
    before: `(trap '' PIPE; until [ -e up ]; do sleep 0.01; done; printf 'late\\n' 2> /dev/null; :) | `,
  },
  { name: 'a file', after: '< in' },
  { name: 'a file read and written', after: '<> in' },
  { name: 'nothing, closed', after: '<&-' },
  { name: '/dev/null', after: '< /dev/null' },
  { name: 'a here document', after: `<<< 'here'` },
  { name: 'a process substitution', after: `< <(echo substituted)` },
  { name: 'a folder', after: '< /usr' },
];

const STDOUT: readonly Ending[] = [
  { name: 'the caller’s pipe' },
  { name: 'a pipe', after: '| cat' },
  { name: 'a file', after: '> out' },
  { name: 'a file appended to', after: '>> old' },
  { name: 'a file written over from its start', after: '1<> old' },
  { name: '/dev/full', after: '> /dev/full' },
  { name: 'nothing, closed', after: '>&-' },
  { name: '/dev/null', after: '> /dev/null' },
  { name: 'where stderr goes', after: '>&2' },
];

const STDERR: readonly Ending[] = [
  { name: 'the caller’s pipe' },
  { name: 'a file', after: '2> err' },
  { name: 'a file appended to', after: '2>> old2' },
  { name: '/dev/full', after: '2> /dev/full' },
  { name: 'nothing, closed', after: '2>&-' },
  { name: '/dev/null', after: '2> /dev/null' },
  { name: 'where stdout goes', after: '2>&1' },
];

const AGENTS: readonly { readonly name: string; readonly program: string }[] = [
  { name: 'copies', program: 'touch up; cat; echo "cat $?"; echo told >&2; exit 3' },
  {
    name: 'opens its output by name',
    program: 'touch up; cat; echo first; echo second > /dev/stdout; echo third > /dev/stderr; echo fourth; exit 4',
  },
  { name: 'writes much', program: 'touch up; cat; seq 1 30000; seq 1 9000 >&2; exit 5' },
  { name: 'alternates', program: 'touch up; cat; for i in 1 2 3 4 5; do echo "o$i"; echo "e$i" >&2; done; exit 6' },
];

/** Stdout and stderr on descriptions of their own that end in the same caller's pipe have no order among themselves. */
function combination(stdin: Ending, stdout: Ending, stderr: Ending, agent: (typeof AGENTS)[number]): Case {
  const redirections = [stdin.after, stderr.name.includes('stdout') ? '' : stderr.after];
  const pipe = stdout.after?.startsWith('|') === true ? stdout.after : '';
  const out = pipe === '' ? (stdout.after ?? '') : '';
  const both = stderr.name.includes('stdout') ? stderr.after : '';
  return {
    name: `stdin ${stdin.name}, stdout ${stdout.name}, stderr ${stderr.name}: ${agent.name}`,
    script:
      `printf 'one\\ntwo\\n' > in; echo old > old; echo old > old2; ` +
      `${stdin.before ?? ''}{run} ${sh(agent.program)} ${redirections.join(' ')} ${out} ${both} ${pipe}; ` +
      'echo "${PIPESTATUS[@]}" > statuses',
  };
}

/** A shell does not start a command whose stderr is to go where a closed stdout goes. */
function isPossible(stdout: Ending, stderr: Ending): boolean {
  return !(stdout.name.includes('closed') && stderr.name.includes('stdout'));
}

function allCombinations(): Case[] {
  return STDIN.flatMap((stdin) =>
    STDOUT.flatMap((stdout) =>
      STDERR.filter((stderr) => isPossible(stdout, stderr)).flatMap((stderr) =>
        AGENTS.map((agent) => combination(stdin, stdout, stderr, agent)),
      ),
    ),
  );
}

/** Some of the 2,232 combinations, drawn without repetition. */
export function streamCases(count: number, random: () => number): readonly Case[] {
  const all = allCombinations();
  for (let last = all.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [all[last], all[other]];
    if (a !== undefined && b !== undefined) [all[last], all[other]] = [b, a];
  }
  return all.slice(0, count);
}
