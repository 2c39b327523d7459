import { sh, SIGNALS, type Case } from './case.ts';

const { int } = SIGNALS;
const CTRL_C = '\x03';
const CTRL_Z = '\x1a';
const CTRL_BACKSLASH = '\x1c';
const CTRL_D = '\x04';

/**
 * The shell has job control as at a prompt, without the prompt's noise. No agent here forks in a loop: a dash whose
 * vforked child is stopped before its exec waits for it in the kernel, and the shell above for both.
 */
const JOBS = 'set -m; ';

const what: readonly Case[] = [
  {
    name: 'which of the three are terminals',
    script: `{run} ${sh('for fd in 0 1 2; do test -t $fd; echo $?; done')}; echo $?`,
  },
  { name: 'its name', script: `{run} ${sh('test "$(tty)" = "$0"; echo $?')} "$(tty)"` },
  { name: 'its size', script: `stty rows 33 cols 77; {run} stty size` },
  {
    name: '/dev/tty is there',
    script: `{run} ${sh('echo asked > /dev/tty; read x < /dev/tty; echo "[$x]"')}; echo $?`,
    steps: [
      ['expect', 'asked'],
      ['send', 'word\n'],
    ],
  },
  { name: 'it is in the foreground', script: `${JOBS}{run} {probe} relations $$; echo $?` },
  { name: 'in the foreground of a pipeline', script: `${JOBS}{run} {probe} relations $$ | cat; echo $?` },
  {
    name: 'settings that the agent makes stay',
    script: `{run} stty -echo intr ^G; stty -a | grep -o -e '-echo ' -e 'intr = ..'; stty sane`,
  },
  {
    name: 'stdout elsewhere, the rest at the terminal',
    script: `{run} ${sh('for fd in 0 1 2; do test -t $fd; echo $?; done')} | cat; echo $?`,
  },
  {
    name: 'stdin elsewhere, the rest at the terminal',
    script: `echo x | {run} ${sh('for fd in 0 1 2; do test -t $fd; echo $?; done; cat')}; echo $?`,
  },
  {
    name: 'stderr elsewhere, the rest at the terminal',
    script: `{run} ${sh('for fd in 0 1 2; do test -t $fd; echo $?; done')} 2> err; echo $?`,
  },
  { name: 'a file out of a terminal', script: `{run} ${sh('echo in file; echo told >&2')} > out; echo $?` },
  { name: 'colours by ls', script: `touch a; mkdir b; {run} ls --color=auto` },
  { name: 'much to a terminal', script: `{run} seq 1 20000` },
  {
    name: 'window size by TIOCGWINSZ of stdout',
    script: `stty rows 40 cols 99; {run} ${sh('stty size < /dev/tty')} | cat`,
  },
];

const dialogues: readonly Case[] = [
  {
    name: 'lines typed',
    script: `{run} ${sh('read a; echo "one $a"; read b; echo "two $b"; exit 4')}; echo $?`,
    steps: [
      ['send', 'x\n'],
      ['expect', 'one x'],
      ['send', 'y\n'],
    ],
  },
  {
    name: 'end of file typed',
    script: '{run} cat; echo $?',
    steps: [
      ['send', 'x\n'],
      ['expect', 'x\r\nx\r\n'],
      ['send', CTRL_D],
    ],
  },
  {
    name: 'a password prompt',
    script: `{run} bash -c 'read -s -p "Password: " x < /dev/tty; echo "[$x]"'; echo $?; stty -a | grep -o -e ' echo '`,
    steps: [
      ['expect', 'Password: '],
      ['send', 'secret\n'],
      ['expect', '[secret]'],
    ],
  },
  {
    name: 'a password prompt with output in a pipe',
    script: `{run} bash -c 'read -s -p "Password: " x < /dev/tty 2> /dev/tty; echo "[$x]"' | cat; echo $?`,
    steps: [
      ['expect', 'Password: '],
      ['send', 'secret\n'],
      ['expect', '[secret]'],
    ],
  },
  {
    name: 'raw mode',
    script: `{run} ${sh('stty raw -echo; echo up; head -c 3 | od -An -c; stty sane')}; echo $?`,
    steps: [
      ['expect', 'up'],
      ['send', `${CTRL_C}${CTRL_Z}\r`],
    ],
  },
  {
    name: 'a prompt without newline',
    script: `{run} bash -c 'read -p "Name? " x; echo "hello $x"'`,
    steps: [
      ['expect', 'Name? '],
      ['send', 'me\n'],
    ],
  },
];

const keys: readonly Case[] = [
  {
    name: 'Ctrl-C ends the agent',
    script: `{run} ${sh('echo up; exec sleep 60')}; echo on`,
    steps: [
      ['expect', 'up'],
      ['send', CTRL_C],
    ],
  },
  {
    name: 'Ctrl-C under job control',
    script: `${JOBS}{run} ${sh('echo up; exec sleep 60')}; echo "on $?"`,
    steps: [
      ['expect', 'up'],
      ['send', CTRL_C],
    ],
  },
  {
    name: 'Ctrl-C to an agent that handles it, once',
    script: `${JOBS}{run} {probe} signals; echo "status $?"`,
    steps: [
      ['expect', 'ready 1'],
      ['send', CTRL_C],
      ['expect', `got ${int}`],
      ['send', CTRL_BACKSLASH],
      ['expect', 'got 3'],
      ['send', CTRL_C],
    ],
  },
  {
    name: 'Ctrl-C twice, and the agent ends as it likes',
    script: `${JOBS}{run} {probe} signals; echo "status $?"`,
    steps: [
      ['expect', 'ready'],
      ['send', CTRL_C],
      ['expect', `got ${int}`],
      ['send', CTRL_C],
    ],
  },
  {
    name: 'Ctrl-C in a pipeline ends both',
    script: `${JOBS}{run} ${sh('echo up; exec sleep 60')} | cat; echo "on \${PIPESTATUS[@]}"`,
    steps: [
      ['expect', 'up'],
      ['send', CTRL_C],
    ],
  },
  {
    name: 'Ctrl-\\ ends the agent',
    script: `ulimit -c 0; {run} ${sh('echo up; exec sleep 60')} 2>/dev/null; echo "on $?"`,
    steps: [
      ['expect', 'up'],
      ['send', CTRL_BACKSLASH],
    ],
  },
  {
    name: 'Ctrl-Z stops, fg goes on',
    script: `${JOBS}{run} ${sh('echo up; read x; echo "[$x]"; exit 6')} 2>&1; echo "status $?"; jobs | grep -o Stopped; fg > /dev/null; echo "then $?"`,
    steps: [
      ['expect', 'up'],
      ['send', CTRL_Z],
      ['expect', 'status 148'],
      ['expect', 'Stopped'],
      ['send', 'word\n'],
    ],
  },
  {
    name: 'Ctrl-Z stops, bg goes on, wait ends',
    script: `${JOBS}mkfifo go; {run} ${sh('echo up; read x < go; exit 6')}; echo "status $?"; bg > /dev/null; echo > go; wait %1; echo "then $?"`,
    steps: [
      ['expect', 'up'],
      ['send', CTRL_Z],
      ['expect', 'status 148'],
    ],
  },
  {
    name: 'Ctrl-Z twice',
    script: `${JOBS}{run} ${sh('echo up; read x; echo "[$x]"; read y; exit 6')}; echo "status $?"; fg > /dev/null; echo "status $?"; fg > /dev/null; echo "then $?"`,
    steps: [
      ['expect', 'up'],
      ['send', CTRL_Z],
      ['expect', 'status 148'],
      ['send', 'a\n'],
      ['expect', '[a]'],
      ['send', CTRL_Z],
      ['expect', 'status 148'],
      ['send', 'b\n'],
    ],
  },
  {
    name: 'an agent that stops itself',
    script: `${JOBS}{run} ${sh('kill -STOP $$; echo on; exit 6')}; echo "status $?"; fg > /dev/null; echo "then $?"`,
  },
  ...[19, 20, 21, 22].map((number) => ({
    name: `signal ${number} stops it`,
    script: `${JOBS}{run} {probe} die ${number}; echo "status $?"; fg > /dev/null; echo "then $?"`,
  })),
  {
    name: 'a background job that reads the terminal is stopped',
    script: `${JOBS}{run} ${sh('read x; echo "[$x]"; exit 6')} & wait %1 2>/dev/null; until jobs -s | grep -q Stopped; do sleep 0.01; done; echo stopped; fg > /dev/null; echo "then $?"`,
    steps: [
      ['expect', 'stopped'],
      ['send', 'word\n'],
    ],
  },
  { name: 'a background job that writes', script: `${JOBS}{run} ${sh('echo from behind')} & wait %1; echo "then $?"` },
];

const windows: readonly Case[] = [
  {
    name: 'a new window size is told once',
    script: `${JOBS}{run} {probe} signals; echo "status $?"`,
    steps: [
      ['expect', 'ready 1'],
      ['resize', 50],
      ['expect', 'rows 50'],
      ['resize', 51],
      ['expect', 'rows 51'],
      ['send', CTRL_C],
      ['expect', `got ${int}`],
      ['send', CTRL_C],
    ],
  },
  {
    name: 'the terminal closes: HUP ends the agent',
    script: `{run} ${sh(`trap 'echo hup >> told; exit 5' HUP; echo up; while :; do sleep 0.02; done`)}; echo $? > status`,
    steps: [['expect', 'up'], ['hangup']],
  },
  {
    name: 'the terminal closes under nohup',
    script: `nohup {run} ${sh('touch up; until [ -e go ]; do sleep 0.01; done; echo through > told; exit 5')} > /dev/null 2>&1 & trap 'touch go; wait $!; echo $? > status; exit 3' HUP; echo ready; wait $!; wait $!`,
    steps: [['expect', 'ready'], ['file', 'up'], ['hangup']],
  },
];

export const terminalCases: readonly Case[] = [...what, ...dialogues, ...keys, ...windows].map((one) => ({
  ...one,
  stdin: 'terminal' as const,
}));
