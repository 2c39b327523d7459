import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentFrom } from '../../../src/core/session/incident.ts';
import { judgeIncident } from '../../../src/core/death/judgeIncident.ts';
import { deathsWith, isDeath, type Death } from '../../../src/core/death/simultaneousDeath.ts';
import type { Evidence, Verdict } from '../../../src/core/session/verdict.ts';

const ID = 'incident-2026-03-01-4f9a1c07';

function verdict(fields: Partial<Verdict>): Verdict {
  return {
    outcome: 'died',
    cause: 'killed',
    layer: 'lifecycle',
    confidence: 'certain',
    evidence: [{ kind: 'exit_status', name: 'SIGKILL' }],
    ...fields,
  };
}

let second = 0;
function death(fields: Partial<Verdict>, hasLostNetwork = false): Death {
  second += 1;
  const name = `s-${second}`;
  return {
    session_id: name,
    dir_name: name,
    ts: `2026-03-01T10:00:${String(second % 60).padStart(2, '0')}.000+00:00`,
    slack_seconds: 0,
    verdict: verdict(fields),
    has_lost_network: hasLostNetwork,
  };
}

const OOM: Partial<Verdict> = { cause: 'oom_kill', evidence: [{ kind: 'cgroup_oom_counter', value: 2 }] };
const KILLER: Evidence = { kind: 'killer_process', name: 'pkill', pid: 77 };

function names(deaths: readonly Death[]) {
  return judgeIncident(ID, deaths).candidates.map(({ name, confidence }) => `${name} ${confidence}`);
}

describe('what several deaths had in common', () => {
  test('is certain when every verdict proves it', () => {
    const incident = judgeIncident(ID, [death(OOM), death(OOM)]);
    assert.equal(incident.cause, 'oom_kill');
    assert.equal(incident.confidence, 'certain');
    assert.equal(incident.candidates[0]?.evidence.length, 1, 'the same counter, seen by two, is one item');
  });

  test('is only possible when a single one of them shows it', () => {
    assert.deepEqual(names([death(OOM), death({}), death({})]), ['kernel_oom possible']);
  });

  test('who gave up because memory was refused died of it too, and who failed by itself did not', () => {
    const gaveUp = { ...OOM, cause: 'exit_nonzero', layer: 'environment' } as const;
    assert.deepEqual(names([death(gaveUp), death(gaveUp)]), ['kernel_oom certain']);
    assert.deepEqual(names([death({ ...gaveUp, layer: 'unknown' }), death({})]), []);
    assert.deepEqual(names([death({ ...gaveUp, cause: 'crashed' }), death({})]), []);
  });

  test('a killer that was seen is no proof that it sent the signal', () => {
    assert.deepEqual(names([death({ evidence: [KILLER] }), death({ evidence: [KILLER] })]), ['killer_process likely']);
  });

  test('a tmux server that went comes before who may have killed it', () => {
    const lost: Partial<Verdict> = {
      cause: 'terminal_lost',
      confidence: 'likely',
      evidence: [{ kind: 'tmux', name: 'server_gone' }, KILLER],
    };
    assert.deepEqual(names([death(lost), death(lost)]), ['tmux_server likely', 'killer_process likely']);
  });

  test('hang-ups without tmux are a logout, at most likely: a closed window sends the same signal', () => {
    const hungUp: Partial<Verdict> = { cause: 'terminal_lost', evidence: [{ kind: 'own_signal', name: 'SIGHUP' }] };
    assert.deepEqual(names([death(hungUp), death(hungUp)]), ['logout likely']);
  });

  test('a reboot, a full disk and a lost network are told from one another', () => {
    const reboot: Partial<Verdict> = { outcome: 'lost', cause: 'lost', evidence: [{ kind: 'reboot' }] };
    const full: Partial<Verdict> = { outcome: 'failed', cause: 'disk_full', layer: 'environment', evidence: [] };
    const exit: Partial<Verdict> = { outcome: 'failed', cause: 'exit_nonzero', layer: 'unknown' };
    assert.deepEqual(names([death(reboot), death(reboot)]), ['reboot certain']);
    assert.deepEqual(names([death(full), death(full)]), ['full_disk certain']);
    assert.deepEqual(names([death(exit, true), death(exit, true)]), ['network_loss likely']);
  });

  test('may be nothing that is known: then it has what most of them died of, and no candidates', () => {
    const incident = judgeIncident(ID, [death({ cause: 'crashed' }), death({}), death({})]);
    assert.deepEqual([incident.cause, incident.confidence, incident.candidates.length], ['killed', 'possible', 0]);
  });

  test('survives its file', () => {
    const incident = judgeIncident(ID, [death(OOM), death({})]);
    assert.deepEqual(incidentFrom(JSON.parse(JSON.stringify(incident))), incident);
  });
});

test('only an end that nobody wanted and that the agent did not choose is a death', () => {
  const ends: readonly (readonly [Partial<Verdict>, boolean])[] = [
    [{ outcome: 'died' }, true],
    [{ outcome: 'lost', cause: 'vanished' }, true],
    [{ outcome: 'failed', cause: 'disk_full', layer: 'environment' }, true],
    [{ outcome: 'failed', cause: 'exit_nonzero', layer: 'unknown' }, false],
    [{ outcome: 'failed', cause: 'launch_failed', layer: 'environment' }, false],
    [{ outcome: 'died', cause: 'timed_out', layer: 'environment' }, false],
    [{ outcome: 'succeeded', cause: 'completed' }, false],
    [{ outcome: 'stopped', cause: 'interrupted' }, false],
    [{ outcome: 'running', cause: 'stopped' }, false],
  ];
  for (const [fields, expected] of ends) {
    assert.equal(isDeath(verdict(fields), undefined), expected, JSON.stringify(fields));
  }
});

test('deaths are linked by gaps of at most the window, one through the other', () => {
  const at = (atMs: number) => ({ atMs, slackMs: 0 });
  const [first, near, chained, far] = [at(0), at(1500), at(3500), at(5600)];
  assert.deepEqual(deathsWith(near, [far, chained, near, first]), [first, near, chained]);
  assert.deepEqual(deathsWith(far, [far, chained, near, first]), [far]);
});

test('sessions that went down with their machine are linked over an interval, and nothing that was seen to end is', () => {
  const down = (atMs: number) => ({ atMs, slackMs: 5000 });
  const seen = (atMs: number) => ({ atMs, slackMs: 0 });
  const [first, last] = [down(0), down(4700)];
  for (const own of [first, last]) assert.deepEqual(deathsWith(own, [first, last]), [first, last]);
  // One that ended alone in between belongs to neither, and keeps neither from the other.
  const between = seen(2400);
  assert.deepEqual(deathsWith(first, [last, between, first]), [first, last]);
  assert.deepEqual(deathsWith(between, [last, between, first]), [between]);
  assert.deepEqual(deathsWith(first, [first, seen(4700)]), [first]);
  assert.deepEqual(deathsWith(first, [first, down(7100)]), [first]);
});
