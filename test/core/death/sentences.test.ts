import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evidenceSentence } from '../../../src/core/death/evidenceWords.ts';
import { findingSentence } from '../../../src/core/death/machineWords.ts';
import type { Finding, MachineRecord } from '../../../src/core/death/machineRecord.ts';
import { unfinishedSentence, verdictSentence } from '../../../src/core/death/verdictSentence.ts';
import type { Evidence, Verdict } from '../../../src/core/session/verdict.ts';
import { CAUSES, EVIDENCE_KINDS } from '../../../src/core/words/vocabulary.ts';

/* What a person reads of an end. Whoever changes a sentence reads it here among the others. */

const EVIDENCE: readonly (readonly [item: Evidence, sentence: string])[] = [
  [{ kind: 'exit_status', value: 3 }, 'It exited with code 3.'],
  [{ kind: 'exit_status' }, 'It exited with code unknown.'],
  [{ kind: 'exit_status', name: 'SIGKILL' }, 'It died of SIGKILL.'],
  [{ kind: 'exit_notice', pid: 7, value: 3 }, 'The kernel told the recorder that pid 7 exited with code 3.'],
  [{ kind: 'exit_notice', pid: 7 }, 'The kernel told the recorder that pid 7 exited with code unknown.'],
  [{ kind: 'exit_notice', name: 'SIGTERM' }, 'The kernel told the recorder that a process died of SIGTERM.'],
  [{ kind: 'launch_error', name: 'EACCES' }, 'The system refused to start the command with EACCES.'],
  [{ kind: 'launch_error' }, 'The system refused to start the command with an error.'],
  [{ kind: 'kernel_oom_counter', value: 2 }, "The kernel's count of OOM kills on this machine rose by 2."],
  [{ kind: 'kernel_oom_counter', value: 0 }, "The kernel's count of OOM kills on this machine did not rise."],
  [{ kind: 'cgroup_oom_counter', value: 1 }, 'The OOM kill counter of its memory group rose by 1.'],
  [{ kind: 'cgroup_oom_counter' }, 'The OOM kill counter of its memory group did not rise.'],
  [{ kind: 'kernel_log', pid: 7, name: 'node' }, 'The kernel log names pid 7 (node) as killed for memory.'],
  [{ kind: 'kernel_log', pid: 7 }, 'The kernel log names pid 7 as killed for memory.'],
  [{ kind: 'kernel_log', pid: 7, name: 'node', value: 11 }, 'The kernel log says that pid 7 (node) died of SIGSEGV.'],
  [{ kind: 'kernel_log', pid: 7, value: 999 }, 'The kernel log says that pid 7 died of a fault.'],
  [{ kind: 'kernel_log', pid: 7, name: 'node', relation: 'recorder' }, 'The kernel log says that the recorder was killed for memory.'],
  [{ kind: 'own_signal', name: 'SIGINT' }, 'The recorder passed SIGINT on.'],
  [{ kind: 'own_signal', name: 'SIGHUP' }, 'The recorder passed SIGHUP on.'],
  [{ kind: 'own_signal', name: 'SIGQUIT' }, 'The recorder passed SIGQUIT on.'],
  [{ kind: 'own_signal', name: 'SIGTERM' }, 'The recorder sent SIGTERM.'],
  [{ kind: 'own_signal' }, 'The recorder sent a signal.'],
  [{ kind: 'killer_process', name: 'earlyoom', pid: 7 }, 'Earlyoom was running at that moment (pid 7) and may have ended it.'],
  [{ kind: 'killer_process', name: 'pkill' }, 'Pkill was running at that moment and may have ended it.'],
  [{ kind: 'killer_process', name: 'sh' }, 'A script of sh that kills was running at that moment and may have ended it.'],
  [{ kind: 'killer_process' }, 'A program that kills was running at that moment and may have ended it.'],
  [{ kind: 'memory_pressure', name: 'cgroup_memory_kb', value: 2048, limit: 4096 }, 'Its memory group used 2.0 MiB of 4.0 MiB.'],
  [{ kind: 'memory_pressure', name: 'mem_available_kb', value: 2048 }, 'Only 2.0 MiB of memory were available.'],
  [{ kind: 'memory_pressure', name: 'psi_memory_some_avg10', value: 12.6 }, 'Processes waited for memory 13% of the time.'],
  [{ kind: 'last_snapshot', name: 'working_directory', value: 4096 }, 'The file system of the working directory had 4 KiB free.'],
  [{ kind: 'last_snapshot', name: 'temporary_directory', value: 0 }, 'The file system of the temporary directory had 0 B free.'],
  [{ kind: 'last_snapshot', name: 'log_root_inodes', value: 0 }, 'The file system of the log folder had no inodes left.'],
  [{ kind: 'last_snapshot', name: 'fd_count', value: 60, limit: 64 }, 'It had 60 of 64 file descriptors open when last seen.'],
  [{ kind: 'last_snapshot', name: 'fd_count', value: 60 }, 'It had 60 file descriptors open when last seen.'],
  [{ kind: 'last_snapshot', name: 'vm_rss_kb', value: 2048 }, 'It used 2.0 MiB of memory when last seen.'],
  [{ kind: 'last_snapshot', name: 'tree_rss_kb', value: 2048, limit: 4096 }, 'It and its processes used 2.0 MiB of 4.0 MiB of memory when last seen.'],
  [{ kind: 'stderr_marker', name: 'v8_heap_limit', value: 9 }, 'It printed that the JavaScript heap was out of memory at byte 9 of its error output.'],
  [{ kind: 'stderr_marker', name: 'too_many_open_files', value: 9 }, 'It printed that too many files were open at byte 9 of its error output.'],
  [{ kind: 'stderr_marker', name: 'no_space', value: 9 }, 'It printed that no space was left on the device at byte 9 of its error output.'],
  [{ kind: 'stderr_marker', name: 'panic', value: 9 }, 'It printed a panic at byte 9 of its error output.'],
  [{ kind: 'stderr_marker', name: 'dns', value: 9 }, 'It printed its reason at byte 9 of its error output.'],
  [{ kind: 'stderr_marker' }, 'It printed a known message at byte 0 of its error output.'],
  [{ kind: 'tmux', name: 'server_gone' }, 'The tmux server died or was killed.'],
  [{ kind: 'tmux', name: 'server_stopped' }, 'The tmux server was told to end.'],
  [{ kind: 'tmux', name: 'session_closed' }, 'Its tmux session was closed.'],
  [{ kind: 'tmux', name: 'session_ended' }, 'The last shell of its tmux session was left.'],
  [{ kind: 'tmux', name: 'session_gone' }, 'Its tmux session is gone.'],
  [{ kind: 'tmux', name: 'pane_closed' }, 'Its tmux pane was closed.'],
  [{ kind: 'tmux', name: 'pane_gone' }, 'Its tmux pane is gone.'],
  [{ kind: 'tmux', name: 'socket_gone' }, 'The socket of the tmux server is gone.'],
  [{ kind: 'tmux' }, 'Its tmux session is gone.'],
  [{ kind: 'simultaneous_deaths', value: 3 }, '3 sessions died at the same time.'],
  [{ kind: 'simultaneous_deaths' }, 'Several sessions died at the same time.'],
  [{ kind: 'recorder_gap', value: 120 }, 'Nothing was recorded in the last 2 min 0 s.'],
  [{ kind: 'recorder_gap' }, 'Nobody was recording at the end.'],
  [{ kind: 'reboot' }, 'The machine was started again in between.'],
  [{ kind: 'signal_sender', relation: 'kernel', name: 'cpu_limit' }, 'It had used up its limit of CPU time.'],
  [{ kind: 'signal_sender', relation: 'kernel', name: 'file_size_limit' }, 'It wrote a file up to its limit of file sizes.'],
  [{ kind: 'signal_sender', relation: 'kernel', name: 'memory' }, 'The kernel chose it to free memory.'],
  [{ kind: 'signal_sender', relation: 'kernel', name: 'keyboard' }, 'It was typed at its terminal.'],
  [{ kind: 'signal_sender', relation: 'kernel', name: 'terminal' }, 'Its terminal went away.'],
  [{ kind: 'signal_sender', relation: 'kernel', name: 'alarm' }, 'A timer that it had set itself ran out.'],
  [{ kind: 'signal_sender', relation: 'kernel', name: 'pipe_closed' }, 'It wrote into a pipe that nobody reads any more.'],
  [{ kind: 'signal_sender', relation: 'kernel', name: 'seccomp' }, 'Its seccomp filter forbids the system call that it made.'],
  [{ kind: 'signal_sender', relation: 'kernel', name: 'fault' }, 'The processor refused what it did.'],
  [{ kind: 'signal_sender', relation: 'kernel' }, 'The kernel sent the signal, no process.'],
  [{ kind: 'signal_sender', relation: 'itself' }, 'It sent the signal to itself.'],
  [{ kind: 'signal_sender', relation: 'recorder' }, 'The recorder sent the signal.'],
  [{ kind: 'signal_sender', relation: 'outside', name: 'kill', pid: 7, command: 'kill 9' }, 'Kill (pid 7: kill 9) sent the signal.'],
  [{ kind: 'signal_sender', relation: 'ancestor', name: 'sh', pid: 7 }, 'Sh (pid 7) sent the signal.'],
  [{ kind: 'signal_sender', relation: 'descendant', command: 'x' }, 'A process (x) sent the signal.'],
  [{ kind: 'signal_sender', relation: 'outside' }, 'A process sent the signal.'],
  [{ kind: 'own_command', name: 'pkill', relation: 'itself' }, 'Its own command ended it (likely): a pkill whose target is the agent itself.'],
  [{ kind: 'own_command', name: 'kill' }, 'Its own command may have ended it (possible): a kill whose target can be the agent.'],
  [{ kind: 'own_command' }, 'Its own command may have ended it (possible): a kill whose target can be the agent.'],
  [{ kind: 'transcript_end', name: 'answered' }, 'Its log ends with an answer.'],
  [{ kind: 'transcript_end', name: 'call_open' }, 'Its log stops while a call is open.'],
  [{ kind: 'transcript_end', name: 'result_unanswered' }, "Its log stops after a tool's result that nobody answered."],
  [{ kind: 'transcript_end', name: 'turn_open' }, 'Its log stops in a turn.'],
  [{ kind: 'transcript_end', name: 'cut_in_line' }, 'Its output stops in the middle of a line.'],
  [{ kind: 'transcript_end', name: 'no_result' }, 'Its output stops without the result that always ends it.'],
  [{ kind: 'transcript_end', name: 'error_result' }, 'Its result is an error.'],
  [{ kind: 'transcript_end', name: 'turn_failed' }, 'Its last turn failed.'],
  [{ kind: 'transcript_end', name: 'aborted' }, 'Its last turn was aborted.'],
  [{ kind: 'transcript_end', name: 'nothing_done' }, 'There is no turn and no text of it.'],
  [{ kind: 'transcript_end', name: 'all_denied' }, 'What its last turn tried was denied.'],
  [{ kind: 'transcript_end', name: 'turn_limit' }, 'Its limit of turns was reached.'],
  [{ kind: 'transcript_end', name: 'budget_limit' }, 'Its budget was used up.'],
  [{ kind: 'transcript_end', name: 'context_limit' }, "The model's context was full."],
  [{ kind: 'transcript_end', name: 'output_limit' }, 'An answer was cut off at the longest that the model may give.'],
  [{ kind: 'transcript_end' }, 'Its log ends early.'],
  [{ kind: 'machine_log', name: 'kernel_oom', pid: 7, value: 11 }, 'The kernel killed pid 7 for memory.'],
  [{ kind: 'machine_log', name: 'user_oom', pid: 7, value: 11 }, 'A program that guards memory ended pid 7.'],
  [{ kind: 'machine_log', name: 'unit_oom', pid: 7, value: 11 }, 'Its unit lost a process to the OOM killer.'],
  [{ kind: 'machine_log', name: 'crash', pid: 7, value: 11 }, 'The kernel says that pid 7 died of SIGSEGV.'],
  [{ kind: 'machine_log', name: 'core_dump', pid: 7, value: 11 }, 'Pid 7 left a core dump with SIGSEGV.'],
  [{ kind: 'machine_log', name: 'hung_task', pid: 7, value: 11 }, 'The kernel found pid 7 stuck.'],
  [{ kind: 'machine_log', name: 'disk_error', pid: 7, value: 11 }, 'The kernel met an error of a disk at that time.'],
  [{ kind: 'machine_log', name: 'unit_stopped', pid: 7, value: 11 }, 'Its unit was stopped.'],
  [{ kind: 'machine_log', name: 'unit_failed', pid: 7, value: 11 }, 'Its unit failed.'],
  [{ kind: 'machine_log', name: 'logged_out', pid: 7, value: 11 }, 'Everything of its user was ended at a logout.'],
  [{ kind: 'machine_log', name: 'suspended', pid: 7, value: 11 }, 'The machine was suspended at that time.'],
  [{ kind: 'machine_log', name: 'shut_down', pid: 7, value: 11 }, 'The machine was shut down.'],
  [{ kind: 'machine_log', name: 'started_again', pid: 7, value: 11 }, 'The machine was started again.'],
  [{ kind: 'machine_log', name: 'power_lost', pid: 7, value: 11 }, 'The machine came up again without having been shut down.'],
  [{ kind: 'machine_log', name: 'tmux_started', pid: 7, value: 11 }, 'The tmux server was started only after that.'],
  [{ kind: 'machine_log', name: 'disk_full_now', pid: 7, value: 11 }, 'The file system is full now.'],
  [{ kind: 'machine_log', name: 'inodes_gone_now', pid: 7, value: 11 }, 'The file system has no inodes left now.'],
  [{ kind: 'machine_log', name: 'none', pid: 7, value: 11 }, 'No record that can be read here tells of its end.'],
  [{ kind: 'machine_log', name: 'crash' }, 'The kernel says that a process of it died of a fault.'],
  [{ kind: 'machine_log', name: 'core_dump' }, 'A process of it left a core dump with a fatal signal.'],
  [{ kind: 'machine_log', name: 'x' }, 'A record of the machine tells of it.'],
]; // prettier-ignore

test('each item of evidence is a sentence', () => {
  assert.deepEqual(new Set(EVIDENCE.map(([{ kind }]) => kind)), new Set(EVIDENCE_KINDS));
  for (const [item, sentence] of EVIDENCE) assert.equal(evidenceSentence(item), sentence);
});

type Row = readonly [words: string, more: Partial<Verdict>, evidence: readonly Evidence[], sentence: string];
const VERDICTS: readonly Row[] = [
  ['running unknown', {}, [], 'Still running.'],
  ['running stopped', {}, [], 'The recording was stopped; the process went on.'],
  ['running unknown', { activity: 'idle' }, [], 'Still running: it waits, and nothing of it computes.'],
  ['succeeded completed', {}, [{ kind: 'exit_status', value: 0 }], 'Completed (likely).'],
  ['succeeded completed', {}, [{ kind: 'exit_status', value: 0 }, { kind: 'kernel_log', pid: 7, name: 'cc1' }], 'Completed (likely): the kernel log names pid 7 (cc1) as killed for memory.'],
  ['failed exit_nonzero', {}, [{ kind: 'exit_status', value: 1 }], 'Exited by itself with code 1 (likely).'],
  ['failed exit_nonzero', {}, [], 'Exited by itself with code unknown (likely).'],
  ['failed exit_nonzero', { layer: 'environment' }, [{ kind: 'exit_status', value: 1 }, { kind: 'kernel_log', pid: 7, name: 'cc1' }], "Exited by itself with code 1 after the kernel's OOM killer took another process (likely): the kernel log names pid 7 (cc1) as killed for memory."],
  ['failed exit_nonzero', {}, [{ kind: 'exit_status', value: 1 }, { kind: 'kernel_log', pid: 7, name: 'cc1' }], 'Exited by itself with code 1 (likely): the kernel log names pid 7 (cc1) as killed for memory.'],
  ['failed exit_nonzero', { detail: 'dns' }, [{ kind: 'exit_status', value: 1 }, { kind: 'stderr_marker', name: 'dns', value: 5 }], 'Exited by itself with code 1, because a host name could not be looked up (likely): it printed its reason at byte 5 of its error output.'],
  ['died terminated', {}, [{ kind: 'exit_status', name: 'SIGTERM' }], 'Ended by SIGTERM (likely).'],
  ['died terminated', {}, [], 'Ended by SIGTERM (likely).'],
  ['died terminated', {}, [{ kind: 'exit_status', value: 143 }], 'Ended by the signal of exit code 143 (likely): it exited with code 143.'],
  ['died terminated', {}, [{ kind: 'exit_status', name: 'SIGTERM' }, { kind: 'signal_sender', relation: 'outside', name: 'kill', pid: 7 }], 'Ended by SIGTERM from outside (likely): kill (pid 7) sent the signal.'],
  ['died terminated', { detail: 'cpu_limit' }, [{ kind: 'exit_status', name: 'SIGXCPU' }, { kind: 'signal_sender', relation: 'kernel', name: 'cpu_limit' }], 'Ended by SIGXCPU by the kernel, because its limit of CPU time was used up (likely).'],
  ['died killed', {}, [{ kind: 'exit_status', name: 'SIGKILL' }], 'Killed with SIGKILL, as far as can be seen not by the kernel for memory (likely).'],
  ['died killed', {}, [{ kind: 'exit_status', name: 'SIGKILL' }, { kind: 'cgroup_oom_counter', value: 0 }], 'Killed with SIGKILL, as far as can be seen not by the kernel for memory (likely): the OOM kill counter of its memory group did not rise.'],
  ['died killed', {}, [{ kind: 'exit_status', name: 'SIGKILL' }, { kind: 'signal_sender', relation: 'itself' }], 'Killed with SIGKILL by itself (likely): it sent the signal to itself.'],
  ['died killed', {}, [{ kind: 'exit_status', name: 'SIGKILL' }, { kind: 'signal_sender', relation: 'descendant', name: 'sh' }], 'Killed with SIGKILL by a process that it had started (likely): sh sent the signal.'],
  ['died killed', {}, [{ kind: 'exit_status', name: 'SIGKILL' }, { kind: 'signal_sender', relation: 'ancestor', name: 'sh' }], 'Killed with SIGKILL by a process that it ran under (likely): sh sent the signal.'],
  ['died killed', {}, [{ kind: 'exit_status', name: 'SIGKILL' }, { kind: 'signal_sender', relation: 'recorder' }], 'Killed with SIGKILL by the recorder (likely): the recorder sent the signal.'],
  ['died killed', {}, [{ kind: 'exit_status', name: 'SIGKILL' }, { kind: 'signal_sender', relation: 'kernel' }], 'Killed with SIGKILL by the kernel (likely): the kernel sent the signal, no process.'],
  ['died oom_kill', {}, [{ kind: 'exit_status', name: 'SIGKILL' }, { kind: 'cgroup_oom_counter', value: 1 }, { kind: 'kernel_oom_counter', value: 0 }, { kind: 'last_snapshot', name: 'vm_rss_kb', value: 9 }], "Killed by the kernel's OOM killer (likely): the OOM kill counter of its memory group rose by 1."],
  ['stopped interrupted', {}, [{ kind: 'exit_status', name: 'SIGINT' }], 'Interrupted by SIGINT (likely).'],
  ['stopped interrupted', {}, [{ kind: 'exit_status', name: 'SIGINT' }, { kind: 'own_signal', name: 'SIGINT' }], 'Interrupted from the keyboard or by SIGINT (likely): the recorder passed SIGINT on.'],
  ['stopped interrupted', {}, [{ kind: 'own_signal', name: 'SIGQUIT' }], 'Interrupted by SIGQUIT (likely): the recorder passed SIGQUIT on.'],
  ['stopped interrupted', {}, [{ kind: 'own_signal' }], 'Interrupted by a signal (likely): the recorder sent a signal.'],
  ['stopped interrupted', {}, [{ kind: 'exit_status', name: 'SIGINT' }, { kind: 'signal_sender', relation: 'kernel', name: 'keyboard' }], 'Interrupted by SIGINT from the keyboard (likely): it was typed at its terminal.'],
  ['lost lost', {}, [{ kind: 'recorder_gap', value: 5 }], 'Lost: the recorder ended before the session did, so its end was not seen (likely): nothing was recorded in the last 5.0 s.'],
  ['lost lost', {}, [], 'Lost: its end was seen, but the recorder that would have been told its exit status was gone (likely).'],
  ['lost lost', { detail: 'reboot' }, [{ kind: 'reboot' }], 'Lost: its end was seen, but the recorder that would have been told its exit status was gone, because the machine was started again (likely): the machine was started again in between.'],
  ['failed unknown', {}, [], 'Failed, as its own record says (likely).'],
  ['died unknown', {}, [], 'Ended for an unknown reason (likely).'],
  ['lost unknown', {}, [], 'Ended for an unknown reason (likely).'],
  ['died crashed', {}, [{ kind: 'exit_status', name: 'SIGSEGV' }], 'Crashed with SIGSEGV (likely).'],
  ['died crashed', {}, [{ kind: 'kernel_log', pid: 7, value: 11 }], 'Crashed with SIGSEGV (likely): the kernel log says that pid 7 died of SIGSEGV.'],
  ['died crashed', {}, [], 'Crashed with a fatal signal (likely).'],
  ['died heap_limit', { detail: 'v8_heap' }, [{ kind: 'exit_status', value: 1 }], "Ran into the heap limit of its JavaScript engine, because its JavaScript engine's heap was full (likely): it exited with code 1."],
  ['died timed_out', {}, [], 'Ended because its time was up (likely).'],
  ['stopped stopped', {}, [], 'Stopped on request (likely).'],
  ['failed launch_failed', { detail: 'missing_program' }, [{ kind: 'launch_error', name: 'ENOENT' }], 'Could not be started, because a program was missing (likely): the system refused to start the command with ENOENT.'],
  ['failed fd_exhaustion', {}, [{ kind: 'exit_status', value: 1 }, { kind: 'last_snapshot', name: 'fd_count', value: 60, limit: 64 }, { kind: 'last_snapshot', name: 'vm_rss_kb', value: 9 }], 'Gave up because no file descriptor was left (likely): it exited with code 1 and it had 60 of 64 file descriptors open when last seen.'],
  ['failed disk_full', {}, [{ kind: 'exit_status', value: 1 }, { kind: 'last_snapshot', name: 'working_directory', value: 0 }], 'Gave up because the disk was full (likely): it exited with code 1 and the file system of the working directory had 0 B free.'],
  ['lost vanished', {}, [], 'Ended while it was attached, so its exit code is not known (likely).'],
  ['died terminal_lost', {}, [{ kind: 'tmux', name: 'server_gone' }], 'Ended because its terminal went away (likely): the tmux server died or was killed.'],
  ['incomplete ended_mid_task', {}, [{ kind: 'exit_status', value: 0 }], 'Exited with code 0 in the middle of its work (likely): it exited with code 0.'],
  ['incomplete ended_mid_task', {}, [{ kind: 'exit_status', name: 'SIGKILL' }], 'Ended in the middle of its work (likely).'],
  ['incomplete ended_mid_task', {}, [{ kind: 'transcript_end', name: 'turn_open' }], 'Stopped before its work was finished (likely): its log stops in a turn.'],
  ['incomplete did_nothing', {}, [{ kind: 'exit_status', value: 0 }], 'Exited with code 0 without having done anything (likely): it exited with code 0.'],
  ['incomplete did_nothing', {}, [{ kind: 'exit_status', name: 'SIGKILL' }], 'Ended without having done anything (likely).'],
  ['incomplete did_nothing', {}, [{ kind: 'transcript_end', name: 'turn_open' }], 'Ended without having done anything (likely): its log stops in a turn.'],
  ['incomplete blocked', {}, [{ kind: 'exit_status', value: 0 }], 'Exited with code 0; everything it tried was denied (likely): it exited with code 0.'],
  ['incomplete blocked', {}, [{ kind: 'exit_status', name: 'SIGKILL' }], 'Ended; everything it tried was denied (likely).'],
  ['incomplete blocked', {}, [{ kind: 'transcript_end', name: 'turn_open' }], 'Ended; everything it tried was denied (likely): its log stops in a turn.'],
  ['incomplete limit_reached', {}, [{ kind: 'exit_status', value: 0 }], 'Exited with code 0 at a limit, before its work was finished (likely): it exited with code 0.'],
  ['incomplete limit_reached', {}, [{ kind: 'exit_status', name: 'SIGKILL' }], 'Ended at a limit, before its work was finished (likely).'],
  ['incomplete limit_reached', {}, [{ kind: 'transcript_end', name: 'turn_open' }], 'Ended at a limit, before its work was finished (likely): its log stops in a turn.'],
  ['lost completed', {}, [{ kind: 'machine_log', name: 'crash', value: 11 }], 'Completed, as its log ends (likely).'],
  ['lost vanished', {}, [{ kind: 'machine_log', name: 'crash', value: 11 }], 'Stopped in the middle of its work; why is not known, for nobody recorded it (likely): the kernel says that a process of it died of SIGSEGV.'],
  ['lost lost', {}, [{ kind: 'machine_log', name: 'crash', value: 11 }], 'Stopped in the middle of its work when the machine went down (likely): the kernel says that a process of it died of SIGSEGV.'],
  ['lost oom_kill', {}, [{ kind: 'machine_log', name: 'crash', value: 11 }], 'Killed for lack of memory (likely): the kernel says that a process of it died of SIGSEGV.'],
  ['lost terminated', {}, [{ kind: 'machine_log', name: 'crash', value: 11 }], 'Ended together with its unit (likely): the kernel says that a process of it died of SIGSEGV.'],
  ['lost interrupted', {}, [{ kind: 'machine_log', name: 'crash', value: 11 }], 'Interrupted by its user (likely): the kernel says that a process of it died of SIGSEGV.'],
  ['lost crashed', {}, [{ kind: 'machine_log', name: 'crash', value: 11 }], 'Crashed with SIGSEGV (likely): the kernel says that a process of it died of SIGSEGV.'],
  ['lost disk_full', {}, [{ kind: 'machine_log', name: 'crash', value: 11 }], 'Gave up because the disk was full (likely): the kernel says that a process of it died of SIGSEGV.'],
  ['died crashed', {}, [{ kind: 'machine_log', name: 'crash' }], 'Crashed with a fatal signal (likely): the kernel says that a process of it died of a fault.'],
  ['died crashed', {}, [{ kind: 'exit_status', name: 'SIGSEGV' }, { kind: 'reboot' }, { kind: 'simultaneous_deaths', value: 2 }, { kind: 'tmux' }, { kind: 'recorder_gap' }], 'Crashed with SIGSEGV (likely): the machine was started again in between, 2 sessions died at the same time and its tmux session is gone.'],
]; // prettier-ignore

test('each end is told in one sentence, with what carries it', () => {
  const told = new Set(VERDICTS.map(([words]) => words.split(' ')[1]));
  assert.deepEqual(CAUSES.filter((cause) => !told.has(cause)), []);
  for (const [words, more, evidence, sentence] of VERDICTS) {
    const [outcome, cause] = words.split(' ') as [Verdict['outcome'], Verdict['cause']]; // the table's own words
    assert.equal(verdictSentence({ outcome, cause, layer: 'unknown', confidence: 'likely', evidence, ...more }), sentence);
  }
}); // prettier-ignore

const UNFINISHED: readonly (readonly [cause: Verdict['cause'], hedge: string, sentence: string])[] = [
  ['ended_mid_task', '', 'Exited with code 0 in the middle of its work'],
  ['ended_mid_task', 'probably ', 'Exited with code 0, probably in the middle of its work'],
  ['did_nothing', '', 'Exited with code 0 without having done anything'],
  ['did_nothing', 'probably ', 'Exited with code 0, probably without having done anything'],
  ['blocked', '', 'Exited with code 0; everything it tried was denied'],
  ['blocked', 'probably ', 'Exited with code 0; probably everything it tried was denied'],
  ['limit_reached', '', 'Exited with code 0 at a limit, before its work was finished'],
  ['limit_reached', 'probably ', 'Exited with code 0, probably at a limit, before its work was finished'],
];

test('what was not finished is hedged where it is a guess', () => {
  for (const cause of CAUSES)
    for (const hedge of ['', 'probably ']) {
      const verdict = { outcome: 'incomplete', cause, layer: 'unknown', confidence: 'likely', evidence: [{ kind: 'exit_status', value: 0 }] } as const;
      const expected = UNFINISHED.find((row) => row[0] === cause && row[1] === hedge)?.[2];
      assert.equal(unfinishedSentence(verdict, hedge), expected, cause);
    }
}); // prettier-ignore

test('a record of the machine says when, what, of whom and why it is the session’s', () => {
  const sentence = (record: Partial<MachineRecord>, rule: Finding['rule'] = 'own_process') =>
    findingSentence({ record: { kind: 'crash', source: 'kernel_log', ms: 1000, ...record }, rule, grade: 'likely' }, 1000);
  for (const [record, rule, expected] of [
    [{ pid: 7, comm: 'node', signal: 'SIGSEGV' }, 'own_process', 'At its last sign of life the kernel says that pid 7 (node) died of SIGSEGV (likely: this pid is known to be of this session; kernel log)'],
    [{ ms: 3000 }, 'own_id', "2.0 s after its last sign of life the kernel says that a process of it died of a fault (likely: its command line names the session's id; kernel log)"],
    [{ ms: -59_000, kind: 'unit_oom', group: '/x', source: 'memory_group' }, 'own_group', '1 min 0 s before its last sign of life its unit lost a process to the OOM killer (/x) (likely: the session was seen in this control group; memory group)'],
    [{ kind: 'unit_stopped', group: 'x.scope', source: 'journal' }, 'own_call', 'At its last sign of life its unit was stopped (x.scope) (likely: the command is that of its open call, and so is the time; journal)'],
    [{ kind: 'unit_failed', group: 'x', source: 'journal' }, 'command_and_time', 'At its last sign of life its unit failed (x) (likely: program, folder and time are those of the session; journal)'],
    [{ kind: 'user_oom', group: 'x', pid: 7, source: 'journal' }, 'whole_user', 'At its last sign of life a program that guards memory ended pid 7 (x) (likely: it is the same user; journal)'],
    [{ kind: 'shut_down', group: 'x', source: 'login_records' }, 'whole_machine', 'At its last sign of life the machine was shut down (likely: nothing that ran outlived it; last -x)'],
    [{ kind: 'tmux_started', source: 'tmux' }, 'at_that_time', 'At its last sign of life the tmux server was started only after that (likely: it was so at that time; tmux)'],
    [{ kind: 'disk_full_now', ms: 9e9, source: 'file_system' }, 'at_that_time', 'Now the file system is full (likely: it was so at that time; file system)'],
    [{ kind: 'inodes_gone_now', ms: 9e9, source: 'file_system' }, 'at_that_time', 'Now the file system has no inodes left (likely: it was so at that time; file system)'],
  ] as const)
    assert.equal(sentence(record, rule), expected);
}); // prettier-ignore
