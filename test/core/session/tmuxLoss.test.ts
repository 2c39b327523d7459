import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  isServerLoss,
  TMUX_LOSSES,
  tmuxLossOf,
  type TmuxLoss,
  type TmuxView,
} from '../../../src/core/session/tmuxLoss.ts';

/** A session of one pane, whose program has just ended, on a server that runs on. */
const GONE: TmuxView = {
  server: 'alive',
  isReachable: true,
  hasSession: false,
  hasPane: false,
  isHangup: false,
  isTmuxKillerSeen: false,
  isOtherKillerSeen: false,
  didOthersEnd: false,
  isShell: false,
};

const CASES: readonly (readonly [string, Partial<TmuxView>, TmuxLoss | undefined])[] = [
  ['a dead server is the loss, whatever else is gone', { server: 'gone', isHangup: true }, 'server_gone'],
  ['a server that was told to end', { server: 'stopped', isTmuxKillerSeen: true }, 'server_stopped'],
  ['a server that ended with its last session is none', { server: 'emptied', isShell: true }, 'session_ended'],
  ['a server that nobody can reach', { isReachable: false }, 'socket_gone'],
  ['a hang-up without the session', { isHangup: true }, 'session_closed'],
  ['kill-session seen alive', { isTmuxKillerSeen: true }, 'session_closed'],
  ['all panes at once', { didOthersEnd: true }, 'session_closed'],
  ['a shell that was left', { isShell: true }, 'session_ended'],
  ['a program that a killer was after', { isOtherKillerSeen: true }, 'pane_gone'],
  ['a program of which nothing is known', {}, 'session_gone'],
  ['a pane of a session that goes on', { hasSession: true }, 'pane_gone'],
  ['a pane that was closed', { hasSession: true, isHangup: true }, 'pane_closed'],
  ['an agent below a shell that goes on is no loss of tmux', { hasSession: true, hasPane: true }, undefined],
];

describe('what of tmux was lost', () => {
  for (const [name, view, expected] of CASES) {
    test(`${name}: ${expected ?? 'nothing'}`, () => assert.equal(tmuxLossOf({ ...GONE, ...view }), expected));
  }

  test('is a death only when the server went', () => {
    assert.deepEqual(TMUX_LOSSES.filter(isServerLoss), ['server_gone', 'server_stopped']);
  });
});
