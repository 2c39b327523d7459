/** What of tmux went away around a session's end. */
export const TMUX_LOSSES = [
  /** The server died, or was killed. */
  'server_gone',
  /** The server was told to end, with everything in it. */
  'server_stopped',
  /** The session was closed by somebody. */
  'session_closed',
  /** The session ended because its user left its last shell. */
  'session_ended',
  /** The session went together with the program in it, and nothing says which of them was first. */
  'session_gone',
  /** The pane was closed by somebody; its session goes on. */
  'pane_closed',
  /** The pane's program ended, and the pane with it; its session goes on. */
  'pane_gone',
  /** The server runs, but nobody can reach it any more. */
  'socket_gone',
] as const;
export type TmuxLoss = (typeof TMUX_LOSSES)[number];

/** What can be seen of tmux when the process in it has ended. */
export interface TmuxView {
  /** `emptied`: it ended by itself because its last session did. */
  readonly server: 'alive' | 'emptied' | 'stopped' | 'gone';
  readonly isReachable: boolean;
  readonly hasSession: boolean;
  readonly hasPane: boolean;
  /** The terminal was hung up: that is how a process learns that its pane was closed. */
  readonly isHangup: boolean;
  /** A `tmux kill-...` was seen alive. */
  readonly isTmuxKillerSeen: boolean;
  /** Another program that kills was seen alive. */
  readonly isOtherKillerSeen: boolean;
  /** Other processes that the session held ended in the same moment: its other panes, or the shell around the agent. */
  readonly didOthersEnd: boolean;
  /** What ended is the shell that the pane was opened with. */
  readonly isShell: boolean;
}

export function tmuxLossOf(view: TmuxView): TmuxLoss | undefined {
  if (view.server === 'gone') return 'server_gone';
  if (view.server === 'stopped') return 'server_stopped';
  if (view.server === 'alive' && !view.isReachable) return 'socket_gone';
  const isClosed = view.isHangup || view.isTmuxKillerSeen;
  if (view.server === 'alive' && view.hasSession) {
    if (isClosed) return 'pane_closed';
    return view.hasPane ? undefined : 'pane_gone';
  }
  if (isClosed || view.didOthersEnd) return 'session_closed';
  if (view.isOtherKillerSeen) return 'pane_gone';
  return view.isShell ? 'session_ended' : 'session_gone';
}

/** Whether everything that ran in the session lost its terminal. */
export function isSessionLoss(loss: TmuxLoss | undefined): boolean {
  return isServerLoss(loss) || loss === 'session_closed' || loss === 'session_ended' || loss === 'session_gone';
}

/** Whether that ended what ran in it although nobody wanted it to. */
export function isServerLoss(loss: TmuxLoss | undefined): boolean {
  return loss === 'server_gone' || loss === 'server_stopped';
}
