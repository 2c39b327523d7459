import { sh, SIGNALS, type Case } from './case.ts';

const RATES = [50_000, 100_000, 200_000, 400_000, 2_000_000];

/** Readers of every speed: what is on its way when the agent ends must arrive all the same. */
const slowReaders: readonly Case[] = RATES.flatMap((rate) => [
  {
    name: `a reader of ${rate / 1000} kB/s gets the last byte`,
    // The first 150,000 bytes fill every buffer on the way and need seconds at the lowest rate.
    script: `{run} seq 1 ${rate < 100_000 ? 28_000 : 60_000} | {probe} slow ${rate} > got; echo "\${PIPESTATUS[@]}"`,
    seconds: 40,
  },
]);

const readersThatEnd: readonly Case[] = [
  {
    name: 'a reader that ends kills an endless writer by SIGPIPE',
    script: '{run} yes | head -1; echo "${PIPESTATUS[@]}"',
  },
  {
    name: 'a reader that ends after much',
    script: '{run} yes | head -c 3000000 | wc -c; echo "${PIPESTATUS[@]}"',
  },
  {
    name: 'a writer that ignores SIGPIPE is told EPIPE',
    script: `{run} ${sh(`trap '' PIPE; exec {probe} lines 100000000`)} | head -1; echo "\${PIPESTATUS[@]}"`,
  },
  {
    name: 'SIGPIPE ignored by the caller stays ignored',
    script: `trap '' PIPE; {run} {probe} lines 100000000 | head -1; echo "\${PIPESTATUS[@]}"`,
  },
  {
    name: 'the caller closes its end',
    script: `exec {run} ${sh('echo y; until [ -e shut ]; do sleep 0.01; done; exec yes')}`,
    steps: [
      ['expect', 'y\n'],
      ['close', 'out'],
      ['make', 'shut'],
    ],
  },
  {
    name: 'stderr’s reader ends, stdout’s stays',
    script: `{run} ${sh('echo kept; while :; do echo x >&2 || exit 9; done')} 2> >(head -1 > first); echo $?`,
  },
  {
    name: 'a reader that never reads does not keep a quiet agent',
    script: `mkfifo never; sleep 60 < never & {run} ${sh('echo small; exit 8')} > never; echo $?; kill $!`,
  },
];

const outliving: readonly Case[] = [
  {
    name: 'a child that outlives the agent goes on writing into the pipe',
    script: `({run} ${sh('(until [ -e over ]; do sleep 0.01; done; echo late; touch d) & echo early')}; echo $? > status; touch over) | (cat; echo end)`,
  },
  {
    name: 'a child that outlives the agent goes on writing into the file',
    script: `{run} ${sh('(until [ -e over ]; do sleep 0.01; done; echo late; touch d) & echo early')} > out; touch over; until [ -e d ]; do sleep 0.01; done`,
  },
  {
    name: 'a daemon with its output elsewhere lets the caller’s pipe end',
    script: `{run} ${sh('(until [ -e over ]; do sleep 0.01; done; touch d) > /dev/null 2>&1 & echo early')} | cat; touch over; until [ -e d ]; do sleep 0.01; done`,
  },
  {
    name: 'much that a child writes after the agent',
    script: `{run} ${sh('(until [ -e over ]; do sleep 0.01; done; seq 1 60000) & echo early')} | {probe} slow 800000 > got & job=$!; until grep -q early got 2>/dev/null; do sleep 0.01; done; touch over; wait $job`,
  },
  {
    name: 'a process that the agent left in a session of its own',
    script: `{run} ${sh('setsid sh -c "until [ -e over ]; do sleep 0.01; done; echo late; touch d" & echo early')} ; touch over`,
  },
];

const named: readonly Case[] = [
  '/dev/stdout',
  '/dev/stderr',
  '/dev/fd/1',
  '/proc/self/fd/1',
  '/proc/self/fd/2',
].flatMap((path) => [
  { name: `${path} by name into pipes`, script: `{run} ${sh(`echo hi > ${path}`)}; echo $?` },
  {
    name: `${path} by name into files`,
    script: `{run} ${sh(`echo aaaa; echo b > ${path}; echo cc >> ${path}`)} > out 2> err; echo $?`,
  },
]);

const written: readonly Case[] = [
  { name: 'tee to /dev/stderr', script: `{run} ${sh('echo hi | tee /dev/stderr')} 2>&1 | sort` },
  {
    name: 'stdin by name',
    script: `echo given | {run} ${sh('cat /dev/stdin')}; echo $?`,
  },
  {
    name: 'aaaa, then b by name, in one file',
    script: `{run} ${sh('echo aaaa; echo b > /dev/stdout')} > f; cat f`,
  },
  {
    name: 'the order of both streams in one pipe',
    script: `{run} ${sh('i=0; while [ $i -lt 300 ]; do echo "o$i"; echo "e$i" >&2; i=$((i+1)); done')} 2>&1 | cat`,
  },
  {
    name: 'the order of both streams in one file',
    script: `{run} ${sh('i=0; while [ $i -lt 300 ]; do echo "o$i"; echo "e$i" >&2; i=$((i+1)); done')} > f 2>&1`,
  },
  {
    name: 'the order of both streams in one file appended to',
    script: `echo before > f; {run} ${sh('echo o1; echo e1 >&2; echo o2; echo e2 >&2')} >> f 2>&1; echo after >> f`,
  },
  { name: 'two descriptions of one file', script: `{run} ${sh('echo long line; echo e >&2')} > f 2> f; cat f` },
  {
    name: 'the caller’s file goes on after it',
    script: `{ echo before; {run} ${sh('echo within')}; echo after; } > f`,
  },
  { name: 'much into a full device', script: `{run} seq 1 100000 > /dev/full; echo $?` },
  {
    name: 'bytes of every value',
    script: `{run} perl -e 'print map chr, 0..255 for 1..50' | od -An -c | sort | uniq -c`,
  },
  { name: 'no newline at the end', script: `{run} printf 'no newline'; {run} printf ' again'` },
  { name: 'nothing written', script: `{run} ${sh(':')} | wc -c` },
  {
    name: 'a sparse write: seek in a file',
    script: `{run} perl -e 'sysseek STDOUT, 5000, 0; print "x"' > f; wc -c < f`,
  },
  {
    name: 'a truncation by the agent',
    script: `{run} perl -e '$|=1; print "x" x 5000; truncate STDOUT, 10; print "y"' > f; wc -c < f`,
  },
  { name: 'ten million bytes', script: `{run} head -c 10000000 /dev/zero | wc -c` },
  { name: '20,000 unbuffered lines', script: `{run} {probe} lines 20000 | md5sum` },
  {
    name: '20,000 unbuffered lines of stderr',
    script: `{run} ${sh('exec {probe} lines 20000 >&2')} 2>&1 >/dev/null | md5sum`,
  },
  {
    name: 'a non-blocking pipe stays one',
    script: `({probe} with nonblocking 1 {run} ${sh('{probe} state | grep "fd 1:"')}) | cat`,
  },
  { name: 'stdout reads nothing back', script: `{run} ${sh('read x <&1; echo "read $?" >&2')} > f` },
  {
    name: 'a FIFO that somebody else opened',
    script: `mkfifo q; cat q > got & {run} ${sh('echo into; echo again > /dev/stdout')} > q; wait`,
  },
];

const stdin: readonly Case[] = [
  { name: 'stdin by wc', script: '{run} wc -c < /etc/passwd' },
  {
    name: 'only what is read is taken',
    script: `{ {run} ${sh('read x; echo "got $x"')}; echo "rest: $(cat)"; } < <(printf 'a\\nb\\nc\\n')`,
  },
  {
    name: 'only what is read is taken from a file',
    script: `printf '1\\n2\\n3\\n' > in; { {run} head -n 1; cat; } < in`,
  },
  { name: 'two commands share a pipe', script: `printf 'abcdef' | { {run} head -c 3; {run} cat; }` },
  {
    name: 'nobody takes stdin away from the rest of a script',
    script: `printf 'exit 7\\n' | { {run} true; bash; }; echo $?`,
  },
  { name: 'a writer to an agent that does not read', script: `yes | {run} ${sh('exit 3')}; echo "\${PIPESTATUS[@]}"` },
  { name: 'five million bytes through stdin', script: 'seq 1 700000 | {run} md5sum' },
  {
    name: 'a dialogue through a pipe',
    script: `{run} ${sh('read a; echo "1 $a"; read b; echo "2 $b"; cat; echo end')}; echo $?`,
    stdin: 'pipe',
    steps: [['send', 'x\n'], ['expect', '1 x'], ['send', 'y\n'], ['expect', '2 y'], ['send', 'z'], ['eof']],
  },
  {
    name: 'a dialogue through a socket',
    script: `{run} ${sh('read a; echo "1 $a"; cat; echo end')}; echo $?`,
    stdin: 'socket',
    steps: [['send', 'x\n'], ['expect', '1 x'], ['send', 'z'], ['eof']],
  },
  {
    name: 'an open pipe that says nothing keeps nobody',
    script: `{run} ${sh('echo done; exit 2')}; echo $?`,
    stdin: 'pipe',
    steps: [['expect', 'done\n2\n'], ['eof']],
  },
];

/** Both the pid alone is signalled while the output is being read. */
const interrupted: readonly Case[] = [
  {
    name: 'killed in the middle of much output',
    script: `exec {run} ${sh('seq 1 5000; touch up; exec sleep 60')}`,
    steps: [
      ['expect', '\n5000\n'],
      ['file', 'up'],
      ['kill', SIGNALS.term],
    ],
  },
];

export const outputCases: readonly Case[] = [
  ...slowReaders,
  ...readersThatEnd,
  ...outliving,
  ...named,
  ...written,
  ...stdin,
  ...interrupted,
];
