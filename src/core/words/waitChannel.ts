/** What it means to wait in a function of the kernel, by how its name begins; the more particular first. */
const CHANNELS: readonly (readonly [RegExp, string])[] = [
  [/^0$/, 'it runs, or the recorder may not see where it waits'],
  [
    /^(?:do_epoll_wait|ep_poll|do_sys_poll|do_poll|poll_schedule|do_select)/,
    'idle: it waits for network or other events',
  ],
  [/^(?:do_nanosleep|hrtimer_nanosleep|schedule_hrtimeout)/, 'idle: it sleeps for a set time'],
  [/^futex_|^do_futex/, 'it waits for a lock or for another of its threads'],
  [/^(?:do_wait|kernel_wait|wait_consider)/, 'it waits for a child process to end'],
  [/^(?:anon_)?pipe_(?:read|wait)/, 'it waits for somebody to write into a pipe'],
  [/^(?:anon_)?pipe_write/, 'it waits for somebody to read from a full pipe'],
  [
    /^(?:unix_stream|sk_wait|tcp_|inet_|wait_for_more_packets|skb_wait|__skb_wait)/,
    'it waits for the other end of a socket',
  ],
  // sk_wait_data and n_tty_read both sleep in it, and it is what current kernels show of them.
  [/^wait_woken/, 'it waits for the other end of a socket, or for input from a terminal'],
  [/^(?:n_tty_read|tty_read|read_chan)/, 'it waits for input from a terminal'],
  [/^(?:do_signal_stop|ptrace_stop|do_jobctl)/, 'it is stopped by a signal or a debugger'],
  [/^(?:do_sigtimedwait|sigsuspend|do_pause|sys_pause)/, 'idle: it waits for a signal'],
  [
    /^(?:nfs|rpc_|cifs|smb|fuse_|request_wait_answer|p9_|ceph_)/,
    'it waits for a network or user-space file system: when that is gone, it hangs',
  ],
  [
    /^(?:jbd2|ext4|xfs|btrfs|wait_on_page|folio_wait|io_schedule|blk_|submit_bio|balance_dirty|wb_wait|wait_on_buffer)/,
    'it waits for a disk',
  ],
  [
    /^(?:mem_cgroup|try_to_free|throttle_direct|shrink_|do_swap|swap_)/,
    'it waits for memory: there is hardly any left',
  ],
  [/^(?:locks_lock|flock_lock|fcntl_setlk|posix_lock)/, 'it waits for a lock on a file'],
  [/^(?:io_cqring_wait|io_uring)/, 'idle: it waits for an operation of io_uring'],
  [/^(?:inotify_read|eventfd_read|signalfd|timerfd_read)/, 'idle: it waits for an event'],
  [/^(?:do_exit|do_task_dead|zap_threads|exit_)/, 'it is ending'],
];

/** `undefined` for a function that is not known here: its name must do. */
export function waitChannelMeaning(wchan: string): string | undefined {
  const name = wchan.replace(/^(?:__)?(?:x64_|se_|arm64_)?sys_/, 'do_');
  return CHANNELS.find(([pattern]) => pattern.test(wchan) || pattern.test(name))?.[1];
}

/** The part of its name that is known here, and `undefined` for a function that is not: names are free text. */
export function knownWaitChannel(wchan: string): string | undefined {
  for (const [pattern] of CHANNELS) {
    const known = pattern.exec(wchan)?.[0];
    if (known !== undefined) return known;
  }
  return undefined;
}
