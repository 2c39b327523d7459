import { accessSync, constants } from 'node:fs';

/** A program that can ask the kernel how a process ended that is not its child; Node cannot. */
export interface ExitCarrier {
  readonly kind: (typeof CARRIERS)[number];
  /** Takes `PID:TICKS ...` and answers as `exit-of` of the native program does (src/native/exit_of.c). */
  readonly command: readonly [string, ...string[]];
}

const CARRIERS = ['native', 'perl', 'python3'] as const;

/** `off`, or the only carrier to be used: who wants to see how the others do. `events`: as on an older kernel. */
const VARIABLE = 'SESSION_DIAGNOSTICS_EXIT_NOTICE';

/** What the carriers exit with on a kernel that does not tell. */
export const NO_SUCH_KERNEL = 5;

/** The first that is there. Found by absolute paths: a PATH may lead into somebody's repository. */
export function findExitCarrier(native: string | undefined, env: NodeJS.ProcessEnv): ExitCarrier | undefined {
  if (process.platform !== 'linux') return undefined;
  const wanted = env[VARIABLE];
  if (wanted === 'events' && native !== undefined) {
    return { kind: 'native', command: [native, 'exit-of', '--by-events'] };
  }
  for (const kind of CARRIERS) {
    const command = wanted === undefined || wanted === '' || wanted === kind ? commandOf(kind, native) : undefined;
    if (command !== undefined) return { kind, command };
  }
  return undefined;
}

function commandOf(kind: ExitCarrier['kind'], native: string | undefined): ExitCarrier['command'] | undefined {
  if (kind === 'native') return native === undefined ? undefined : [native, 'exit-of'];
  const path = [`/usr/bin/${kind}`, `/usr/local/bin/${kind}`, `/bin/${kind}`].find(isProgram);
  if (path === undefined) return undefined;
  return kind === 'perl' ? [path, '-e', PERL] : [path, '-I', '-S', '-c', PYTHON];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not installed
  }
}

/*
 * The same in two languages as exit_of.c, which has the reasons: try the kernel out on a child, open, compare, wait, ask
 * again until the parent has reaped. They end with their standard input, which is ours alone to close.
 */
const PERL = `
use strict; $| = 1;
sub open_pid { my $n = syscall(434, $_[0] + 0, 0); return if $n < 0; open(my $h, '+<&=', $n) or return; $h }
sub ask {
  my $info = pack('Q', 8) . "\\0" x 56;
  return unless ioctl($_[0], 0xC040FF0B, $info);
  my ($mask, $status) = unpack('Q x52 l', $info);
  return $mask & 8 ? $status : undef;
}
sub ticks { open(my $f, '<', "/proc/$_[0]/stat") or return -1; my $t = <$f>; $t =~ s/.*\\) //s; return (split ' ', $t)[19] }
my $child = fork; exit 42 if $child == 0;
my $probe = open_pid($child); waitpid $child, 0;
my $told = $probe && ask($probe); exit 5 unless defined $told && $told == 42 << 8;
my (%h, %ended);
for (@ARGV) {
  my ($pid, $ticks) = split /:/; my $h = open_pid($pid);
  if ($h && ticks($pid) == $ticks) { $h{$_} = $h } else { print 'gone ', "$pid $ticks 0 0\\n" }
}
my $wait = 0.001;
while (%h) {
  my $set = ''; vec($set, 0, 1) = 1;
  for (keys %h) { vec($set, fileno $h{$_}, 1) = 1 unless $ended{$_} }
  select($set, undef, undef, %ended ? $wait : undef);
  exit 1 if vec($set, 0, 1) && !sysread(STDIN, my $none, 1);
  for (keys %h) {
    if (!$ended{$_}) { next unless vec($set, fileno $h{$_}, 1); $ended{$_} = 1; $wait = 0.001 }
    my $status = ask($h{$_});
    if (defined $status) { my ($p, $t) = split /:/; print "exit $p $t $status 0\\n"; delete $h{$_}; delete $ended{$_} }
  }
  $wait = $wait > 0.1 ? 0.2 : $wait * 2;
}
`;

const PYTHON = `
import ctypes, fcntl, os, select, struct, sys, time
def open_pid(pid):
    n = ctypes.CDLL(None).syscall(434, pid, 0)
    return n if n >= 0 else None
def ask(fd):
    try: info = fcntl.ioctl(fd, 0xC040FF0B, struct.pack("Q56x", 8))
    except OSError: return None
    mask, status = struct.unpack("Q52xi", info)
    return status if mask & 8 else None
def ticks(pid):
    try: return int(open("/proc/%d/stat" % pid, "rb").read().rsplit(b") ", 1)[1].split()[19])
    except OSError: return -1
child = os.fork()
if child == 0: os._exit(42)
probe = open_pid(child)
os.waitpid(child, 0)
if probe is None or ask(probe) != 42 << 8: os._exit(5)
living, ended, wait = {}, {}, 0.001
for word in sys.argv[1:]:
    pid, at = map(int, word.split(":"))
    fd = open_pid(pid)
    if fd is not None and ticks(pid) == at: living[fd] = (pid, at)
    else: print("gone", pid, at, 0, 0, flush=True)
while living or ended:
    ready = select.select([0, *living], [], [], wait if ended else None)[0]
    if 0 in ready and not os.read(0, 1): os._exit(1)
    for fd in ready:
        if fd in living: ended[fd] = (*living.pop(fd), int(time.time() * 1000)); wait = 0.001
    for fd, (pid, at, ms) in list(ended.items()):
        status = ask(fd)
        if status is not None:
            del ended[fd]
            print("exit", pid, at, status, ms, flush=True)
    wait = min(wait * 2, 0.2)
`;
