import { sh, type Case } from './case.ts';

const STATE = '{run} {probe} state';
const FILES = 'echo line > in; echo 0123456789 > rw; ';

const DESCRIPTORS = [
  '3< in',
  '4> out4',
  '5>> out5',
  '6<> rw',
  '7<&0',
  '8>&1',
  '9< /dev/null',
  '10> out10',
  '11>&2',
  '12< <(echo p)',
  '13> >(cat > out13)',
  '14<> rw',
  '15< /usr',
] as const;

const descriptors: readonly Case[] = [
  ...DESCRIPTORS.map((redirection) => ({
    name: `descriptor ${redirection}`,
    script: `${FILES}${STATE} ${redirection} | grep '^fd'`,
  })),
  ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 33, 99].map((fd) => ({
    name: `writes to descriptor ${fd}`,
    script: `{run} bash -c 'echo "to ${fd}" >&${fd}; echo again > /proc/self/fd/${fd}' ${fd}>> out; echo $?`,
  })),
  ...[3, 9, 10, 15].map((fd) => ({
    name: `reads from descriptor ${fd}`,
    script: `${FILES}{run} bash -c 'read x <&${fd}; echo "$x"' ${fd}< in; echo $?`,
  })),
  { name: 'all of 3 to 15 at once', script: `${FILES}${STATE} ${DESCRIPTORS.join(' ')} | grep '^fd'` },
  { name: 'no descriptor is ours', script: `${STATE} | grep '^fd'` },
  { name: 'none is ours with all three closed', script: `${STATE} 3> f <&- >&3 2>&- ; cat f | grep '^fd'` },
  {
    name: 'a job server’s pipe',
    script: `mkfifo jobs; exec 5<> jobs; printf ++ >&5; {run} bash -c 'read -n1 -u5 token; echo "token $token"; printf + >&5'; read -n2 -u5 rest; echo "$rest"`,
  },
  {
    name: 'a socket from a service manager',
    script: `LISTEN_FDS=1 {run} ${sh('{probe} state | grep "fd 3"; echo "$LISTEN_FDS"')} 3<> /dev/null`,
  },
];

const LIMITS = [
  'n 12',
  'n 20',
  'n 50',
  'n 4000',
  'f 100',
  'v 8000000',
  'c 0',
  's 4096',
  't 100',
  'l 64',
  'q 1000',
  'S -n 100',
];

const limits: readonly Case[] = [
  { name: 'limits, signals, rights and place as they are', script: `${STATE} | grep -v '^fd'` },
  ...LIMITS.map((limit) => ({
    name: `ulimit -${limit}`,
    script: `(ulimit -${limit}; ${STATE} | grep -e '^limit'; echo "\${PIPESTATUS[0]}")`,
  })),
  {
    name: 'a file size limit kills',
    script: `(ulimit -f 10; exec {run} ${sh('head -c 1000000 /dev/zero > big')}) 2>/dev/null; echo $?`,
  },
  {
    name: 'a file size limit on stdout',
    script: `(ulimit -f 10; exec {run} head -c 1000000 /dev/zero > big) 2>/dev/null; echo $?`,
  },
  { name: 'few processes', script: `(ulimit -u 90000; ${STATE} | grep 'limit 6')` },
  {
    name: 'twelve descriptors and an agent that opens',
    script: `(ulimit -n 12; {run} ${sh('cat /etc/hostname > copy; exit 3')}; echo $?)`,
  },
  ...['000', '022', '077', '777'].map((mask) => ({
    name: `umask ${mask}`,
    script: `(umask ${mask}; {run} ${sh('umask; : > made; ls -l made | cut -c1-10')}; echo $?)`,
  })),
  { name: 'nice', script: `nice -n 7 ${STATE} | grep nice` },
  { name: 'a batch policy', script: `chrt -b 0 ${STATE} | grep policy` },
  { name: 'one processor', script: `taskset -c 0 ${STATE} | grep Cpus` },
  { name: 'a raised oom_score_adj', script: `(echo 300 > /proc/self/oom_score_adj; ${STATE} | grep oom)` },
  { name: 'no new privileges', script: `setpriv --no-new-privs ${STATE} | grep NoNew` },
];

const SIGNALS_SET = [1, 2, 3, 10, 12, 13, 14, 15, 17, 20, 28, 34, 40, 64];

const dispositions: readonly Case[] = SIGNALS_SET.flatMap((number) => [
  { name: `signal ${number} ignored`, script: `{probe} with ignored ${number} ${STATE} | grep Sig` },
  { name: `signal ${number} blocked`, script: `{probe} with blocked ${number} ${STATE} | grep Sig` },
]);

const ODD_ARGUMENTS = [
  `''`,
  `' '`,
  `$'\\n'`,
  `$'\\xff'`,
  `$'\\xc3\\x28'`,
  `$'a\\tb\\rc\\e[0m'`,
  `'--'`,
  `'-x' '--help' '--log-dir' '--id=../x'`,
  `'$(touch no)' '\`touch no\`' '*' '~' '%s' '\\\\'`,
  `ü 漢 🙂`,
  `$'\\xed\\xa0\\x80'`,
  `"$(printf 'x%.0s' {1..100000})"`,
];

const words: readonly Case[] = [
  ...ODD_ARGUMENTS.map((argument, index) => ({
    name: `arguments, kind ${index + 1}`,
    script: `{run} {probe} args ${argument}; echo $?`,
  })),
  { name: 'three thousand arguments', script: `{run} {probe} args $(seq 1 3000) | md5sum` },
  { name: 'a program’s name in bytes', script: `cp {probe} $'pr\\xffobe'; {run} ./$'pr\\xffobe' name` },
  { name: 'the environment', script: '{run} {probe} environment' },
  { name: 'an empty environment', script: 'env -i PATH="$PATH" {run} {probe} environment' },
  { name: 'no environment at all', script: `env -i {run} {probe} environment` },
  {
    name: 'odd names in the environment',
    script: `env 'a b=1' '=x' 'dot.ted=2' 'NO' 'ünder=3' {run} {probe} environment`,
  },
  {
    name: 'bytes in the environment',
    script: `X=$'\\xff\\xfe' Y=$'a\\nb' Z= {run} {probe} environment | grep '^[XYZ]='`,
  },
  {
    name: 'a name twice in the environment',
    script: `perl -e 'exec @ARGV' env A=1 A=2 {run} {probe} environment | grep '^A='`,
  },
  {
    name: 'variables that steer node',
    script: `NODE_OPTIONS=--no-warnings NODE_ENV=x ELECTRON_RUN_AS_NODE=1 {run} {probe} environment | grep -e NODE`,
  },
  { name: 'node options that node refuses', script: `NODE_OPTIONS=--no-such-option {run} ${sh('echo ran')}; echo $?` },
  {
    name: 'variables that steer the loader and locale',
    script: `LC_ALL=xx_YY TZ=:bad LD_BIND_NOW=1 {run} {probe} environment | grep -e LC_ -e TZ -e LD_`,
  },
  { name: 'no HOME', script: `unset HOME; {run} ${sh('echo "home [$HOME]"; exit 5')}; echo $?` },
  { name: 'HOME that is no folder', script: `HOME=/dev/null {run} ${sh('echo ran; exit 5')}; echo $?` },
  { name: 'no PATH', script: `unset PATH; {run} /bin/sh -c 'echo ran; exit 5'; echo $?` },
  { name: 'TMPDIR that is not there', script: `TMPDIR=/no/such {run} ${sh('echo ran; exit 5')}; echo $?` },
];

const places: readonly Case[] = [
  { name: 'another folder', script: `mkdir -p 'a b/ü'; cd 'a b/ü'; {run} ${sh('pwd')}` },
  { name: 'a folder in bytes', script: `mkdir $'\\xff'; cd $'\\xff'; {run} ${sh('pwd | od -An -c')}` },
  {
    name: 'a removed folder',
    script: `mkdir gone; cd gone; rmdir ../gone; {run} ${sh('echo ran; exit 5')} 2>/dev/null; echo $?`,
  },
  { name: 'a folder reached by a link', script: `mkdir real; ln -s real link; cd link; {run} ${sh('pwd; pwd -P')}` },
  {
    name: 'a folder that may not be read',
    script: `mkdir shut; cd shut; chmod 0 .; {run} ${sh('echo ran; exit 5')}; echo $?`,
  },
  {
    name: 'a user without a name',
    script: `setpriv --reuid=1234 --regid=1234 --clear-groups {run} ${sh('id -u; exit 6')}; echo $?`,
    onlyAsRoot: true,
  },
  {
    name: 'a user without rights',
    script: `setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all {run} {probe} state | grep -e id -e Cap`,
    onlyAsRoot: true,
  },
  { name: 'a group beside', script: `setpriv --groups=7,8 {run} {probe} state | grep Groups`, onlyAsRoot: true },
  {
    name: 'a pid namespace of its own',
    script: `unshare -fp {run} ${sh('echo ran; exit 7')}; echo $?`,
    onlyAsRoot: true,
  },
  {
    name: 'first in a pid namespace with its own /proc',
    script: `unshare -fp --mount-proc {run} ${sh('echo ran; exit 7')}; echo $?`,
    onlyAsRoot: true,
  },
  {
    name: 'first in a pid namespace, killed by itself',
    script: `unshare -fp {run} {probe} exit 9; echo $?`,
    onlyAsRoot: true,
  },
  {
    name: 'no /proc',
    script: `unshare -m sh -c 'mount -t tmpfs none /proc; exec {run} sh -c "echo ran; exit 8"'; echo $?`,
    onlyAsRoot: true,
  },
  { name: 'no network', script: `unshare -n {run} ${sh('echo ran; exit 8')}; echo $?`, onlyAsRoot: true },
  {
    name: 'a read-only world',
    script: `unshare -m sh -c 'mount -o remount,ro,bind / 2>/dev/null; exec {run} sh -c "echo ran; exit 8"'; echo $?`,
    onlyAsRoot: true,
  },
];

export const worldCases: readonly Case[] = [...descriptors, ...limits, ...dispositions, ...words, ...places];
