import { sh, type Case } from './case.ts';

const LAST_CODE = 255;
const LAST_SIGNAL = 64;
/** These stop: what a shell sees of that needs job control, and is among the terminal's cases. */
const STOPPING = [19, 20, 21, 22];
const BATCH = 16;

/** Every code, sixteen a script: as the shell that called sees it. */
function codeBatches(isSoak: boolean): Case[] {
  // Without the soak: both ends of the range, the shells' own conventions, and what lies about 128.
  const some = [
    0, 1, 2, 3, 7, 42, 63, 64, 77, 99, 100, 124, 125, 126, 127, 128, 129, 130, 131, 134, 137, 139, 141, 143,
  ];
  const codes = isSoak
    ? Array.from({ length: LAST_CODE + 1 }, (_unused, code) => code)
    : [...some, 159, 160, 192, 200, 250, 253, 254, 255];
  const batches: Case[] = [];
  for (let first = 0; first < codes.length; first += BATCH) {
    const batch = codes.slice(first, first + BATCH);
    batches.push({
      name: `exit codes ${batch[0]} to ${batch.at(-1)}`,
      script: `for code in ${batch.join(' ')}; do {run} {probe} exit $code; echo "$code $?"; done`,
      seconds: 40,
      count: batch.length,
    });
  }
  return batches;
}

/** The calling process itself must end by the signal: only then does the shell above do what it does for a Ctrl-C. */
function signalCases(): Case[] {
  const all = Array.from({ length: LAST_SIGNAL }, (_unused, index) => index + 1);
  return all
    .filter((number) => !STOPPING.includes(number))
    .map((number) => ({ name: `signal ${number} ends it`, script: `exec {run} {probe} die ${number}` }));
}

export function statusCases(isSoak: boolean): readonly Case[] {
  return [
    ...codeBatches(isSoak),
    ...signalCases(),
    {
      name: 'a loop in a shell ends at an interrupted command',
      script: `for i in 1 2 3; do {run} ${sh('echo $0; kill -INT $$')} $i; done; echo on`,
    },
    {
      name: 'the status of a command that is not there',
      script: '{run} no-such-program-anywhere 2>/dev/null; echo $?',
    },
    { name: 'the status of a folder', script: '{run} /usr 2>/dev/null; echo $?' },
    {
      name: 'the status of a file that may not be executed',
      script: 'echo x > plain; {run} ./plain 2>/dev/null; echo $?',
    },
    {
      name: 'a program whose interpreter is not there',
      script: `printf '#!/no/such/interpreter\\n' > broken; chmod +x broken; {run} ./broken 2>/dev/null; echo $?`,
    },
    {
      name: 'a script with an interpreter line',
      script: `printf '#!/bin/sh\\necho "$0 $1"; exit 5\\n' > tool; chmod +x tool; {run} ./tool x; echo $?`,
    },
    {
      name: 'a relative name on the PATH',
      script: `mkdir bin; printf '#!/bin/sh\\necho found $0\\n' > bin/tool; chmod +x bin/tool; PATH=bin:$PATH {run} tool; echo $?`,
    },
    {
      name: 'a command found in the current folder by an empty PATH entry',
      script: `printf '#!/bin/sh\\necho here\\n' > tool; chmod +x tool; PATH=:$PATH {run} tool; echo $?`,
    },
    { name: 'the name it is called by', script: '{run} {probe} name' },
    { name: 'set -e ends the script at its failure', script: `set -e; {run} ${sh('exit 9')}; echo not reached` },
    { name: 'pipefail sees it', script: `set -o pipefail; {run} ${sh('exit 9')} | cat; echo $?` },
    { name: 'if and ! see it', script: `if ! {run} ${sh('exit 1')}; then echo no; fi` },
    { name: 'command substitution sees it', script: `x=$({run} ${sh('echo out; exit 4')}); echo "$? [$x]"` },
    { name: 'wait sees the status of a background job', script: `{run} ${sh('exit 17')} & wait $!; echo $?` },
    {
      name: 'wait sees the signal of a background job',
      script: `{run} {probe} die 9 2>/dev/null & wait $! 2>/dev/null; echo $?`,
    },
    { name: 'one run within another', script: `{run} {run} ${sh('echo deep; exit 21')}; echo $?` },
    { name: 'a core dump bit does not change the status', script: 'ulimit -c 0; exec {run} {probe} die 6' },
  ];
}
