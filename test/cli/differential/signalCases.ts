import { sh, SIGNALS, type Case, type Step } from './case.ts';

const { hup, int, quit, kill, usr1, usr2, alrm, term, cont, stop } = SIGNALS;

/** Told once and by USR1 told that nothing else is on its way: whoever hands signals on does so in their order. */
function toPid(number: number): readonly Step[] {
  return [
    ['expect', 'ready 1'],
    ['kill', number],
    ['expect', `got ${number}\n`],
    ['kill', usr2],
    ['expect', `got ${usr2}\n`],
    ['kill', term],
  ];
}

const CAUGHT = [1, 2, 3, 10, 14, 16, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 34, 35, 50, 64];

const caught: readonly Case[] = CAUGHT.flatMap((number) => [
  { name: `signal ${number} to the pid is handled once`, script: 'exec {run} {probe} signals', steps: toPid(number) },
  {
    name: `signal ${number} to the group is handled once by each`,
    script: 'exec {run} {probe} signals',
    steps: [
      ['expect', 'ready 1'],
      ['killgroup', number],
      ['expect', `got ${number}\n`],
      ['kill', usr2],
      ['expect', `got ${usr2}\n`],
      ['kill', term],
    ],
  },
]);

const DEADLY = [hup, int, quit, kill, usr1, usr2, alrm, term, 24, 30, 32, 33, 34, 64];

const deadly: readonly Case[] = DEADLY.flatMap((number) => [
  {
    name: `signal ${number} to the pid ends an agent without handlers`,
    script: `exec {run} ${sh('touch up; exec sleep 60')}`,
    steps: [
      ['file', 'up'],
      ['kill', number],
    ],
  },
  {
    name: `signal ${number} to the group ends an agent without handlers`,
    script: `exec {run} ${sh('touch up; exec sleep 60')}`,
    steps: [
      ['file', 'up'],
      ['killgroup', number],
    ],
  },
]);

/** A shell that waits until a file holds a word; no job control, so that `&` ignores INT and QUIT. */
const UNTIL = 'until_has() { until grep -q "$2" "$1" 2>/dev/null; do sleep 0.01; done; }; ';

const background: readonly Case[] = [
  ...[hup, int, quit].map((number) => ({
    name: `a background job of a shell and signal ${number}`,
    // INT and QUIT are ignored there; HUP is told, and waited for, so that the order is known.
    script: `${UNTIL}{run} {probe} signals > out & until_has out ready; kill -${number} $!; ${number === hup ? `until_has out 'got ${hup}'; ` : ''}kill -${usr1} $!; until_has out 'got ${usr1}'; kill -${term} $!; wait $!; echo $?`,
  })),
  {
    name: 'nohup: HUP after the start',
    script: `${UNTIL}nohup {run} {probe} signals > out 2>&1 & until_has out ready; kill -HUP $!; kill -USR1 $!; until_has out 'got ${usr1}'; kill -TERM $!; wait $!; echo $?`,
  },
  {
    name: 'nohup: HUP to the group',
    script: `${UNTIL}trap : HUP; nohup {run} {probe} signals > out 2>&1 & until_has out ready; kill -HUP 0; kill -USR1 $!; until_has out 'got ${usr1}'; kill -TERM $!; wait $!; echo $?`,
  },
  {
    name: 'nohup: what the agent sees ignored',
    script: 'nohup {run} {probe} state 2>/dev/null | grep SigIgn',
  },
  {
    name: 'a background job: what the agent sees ignored',
    script: `sh -c '{run} {probe} state > out & wait'; grep SigIgn out`,
  },
  {
    name: 'setsid: a session of its own',
    script: `setsid -w {run} ${sh('echo ran; exit 4')}; echo $?`,
  },
  {
    name: 'group and session are the shell’s',
    script: '{run} {probe} relations $$; echo $?',
  },
  {
    name: 'group and session in a pipeline',
    script: '{run} {probe} relations $$ | cat; echo $?',
  },
];

const timeouts: readonly Case[] = [
  { name: 'timeout ends it', script: `timeout 0.6 {run} sleep 60; echo $?` },
  {
    name: 'timeout -k kills an agent that ignores TERM',
    script: `timeout -k 0.5 3 {run} ${sh(`trap '' TERM; echo up; exec sleep 60`)}; echo $?`,
  },
  { name: 'timeout --foreground', script: `timeout --foreground 0.6 {run} sleep 60; echo $?` },
  {
    name: 'timeout -s INT',
    script: `timeout -s INT 3 {run} perl -e '$SIG{INT} = sub { print "caught\n"; exit 5 }; sleep 60'; echo $?`,
  },
  {
    name: 'timeout --preserve-status',
    script: `timeout --preserve-status 3 {run} perl -e '$SIG{TERM} = sub { exit 6 }; sleep 60'; echo $?`,
  },
];

const stopping: readonly Case[] = [
  {
    name: 'stopped and continued by the group',
    script: `exec {run} {probe} signals`,
    steps: [
      ['expect', 'ready 1'],
      ['killgroup', stop],
      ['stopped'],
      ['killgroup', cont],
      ['kill', usr1],
      ['expect', `got ${usr1}`],
      ['kill', term],
    ],
  },
  {
    name: 'killed while stopped',
    script: `exec {run} {probe} signals`,
    steps: [['expect', 'ready 1'], ['killgroup', stop], ['stopped'], ['killgroup', kill]],
  },
];

const trees: readonly Case[] = [
  {
    name: 'TERM to the pid leaves the agent’s child alone',
    script: `{run} {probe} signals fork > out & until grep -q 'ready 1' out 2> /dev/null && grep -q 'ready 2' out; do sleep 0.01; done; kill -TERM $!; wait $!; echo $?; kill -TERM $(cat child); until [ "$(grep -c 'got 15' out)" = 2 ]; do sleep 0.01; done; sort out > told; rm child out`,
  },
  {
    name: 'an agent that ends its own group',
    script: `set -m; {run} ${sh('trap "" TERM; kill -TERM 0; echo still; exit 3')} & wait $!; echo $?`,
  },
  {
    name: 'an agent that makes a group of its own',
    script: `{run} perl -e 'setpgrp(0,0); print "own\\n"; exit 4'; echo $?`,
  },
  {
    // A shell without job control sees nothing of it. Long enough for whoever would stop along to have done so, which
    // is no state that could be waited for: bare, nobody does.
    name: 'an agent that alone is stopped and continued ends as it would',
    script: `{run} ${sh('(kill -STOP $$; sleep 0.5; kill -CONT $$) & wait; echo on; exit 5')}; echo $?`,
  },
  {
    name: 'an agent that signals its parent’s group spares nobody',
    script: `set -m; (trap 'echo told' USR1; {run} ${sh('trap "" USR1; kill -USR1 0; exit 3')}; echo $?) & wait $!`,
  },
];

export const signalCases: readonly Case[] = [...caught, ...deadly, ...background, ...timeouts, ...stopping, ...trees];
