import type { TreeMember } from '../../../src/core/session/tree.ts';
import { MB, memberOf, type Machine, type Scene, type Series } from './anomalySeries.ts';

type Behaviour = (random: () => number, machine: Machine) => Series;

function children(random: () => number, count: number, budgetMb: number): TreeMember[] {
  return Array.from({ length: count }, () =>
    memberOf(5000 + Math.floor(random() * 100_000), {
      rss_kb: Math.round(random() * Math.min(800, (1.2 * budgetMb) / count) * MB),
      // A child that has just ended and is about to be collected.
      state: random() < 0.05 ? 'zombie' : 'running',
      fd_count: 3 + Math.floor(random() * 60),
      threads: 1 + Math.floor(random() * 20),
    }),
  );
}

function warmUp(seconds: number, settledMb: number, overSeconds: number): number {
  return Math.round(Math.min(settledMb, 40 + ((settledMb - 40) * seconds) / overSeconds) * MB);
}

/** Ordinary sessions: nothing in them deserves a warning. */
export const HEALTHY: { readonly [name: string]: Behaviour } = {
  idle: (random) => ({
    seconds: 3600 + random() * 25_000,
    intervalSeconds: 5,
    scene: () => ({
      tracked: { vm_rss_kb: Math.round((300 + random() * 5) * MB), cpu_percent: random() },
      ours: { tree_cpu_percent: random() },
      outputBytes: 500,
    }),
  }),
  build: (random, machine) => {
    const jobs = 1 + Math.floor(random() * 16);
    const phaseSeconds = 20 + random() * 100;
    return {
      seconds: 1200,
      intervalSeconds: 5,
      scene: (seconds): Scene => {
        // Compile, link, wait, again: up to half of the machine in bursts.
        const isBusy = Math.floor(seconds / phaseSeconds) % 3 !== 2;
        return {
          tracked: {
            vm_rss_kb: Math.round((250 + random() * 60) * MB),
            cpu_percent: random() * 420,
            state: random() < 0.2 ? 'disk-sleep' : 'running',
            wchan: random() < 0.2 ? 'folio_wait_bit_common' : '',
            ctx_switches_voluntary: Math.floor(seconds * 50),
            sig_pnd: random() < 0.02 ? '0000000000010000' : '0000000000000000',
          },
          ours: {
            shd_pnd: random() < 0.05 ? '0000000000010000' : '0000000000000000',
            psi_memory_some_avg10: random() * 8,
            tree_cpu_percent: 100 + random() * 300,
          },
          children: isBusy ? children(random, 1 + Math.floor(random() * jobs), machine.totalMb * 0.5) : [],
          outputBytes: Math.floor(seconds * 100),
        };
      },
    };
  },
  manyShortChildren: (random) => ({
    seconds: 600,
    intervalSeconds: 1,
    scene: (seconds): Scene => ({
      tracked: { vm_rss_kb: Math.round((30 + random()) * MB), comm: 'node', fd_count: 10 + Math.floor(random() * 40) },
      children: children(random, Math.floor(random() * 40), 300),
      outputBytes: Math.floor(seconds * 10),
    }),
  }),
  short: (random) => ({
    seconds: 2,
    intervalSeconds: 0.5,
    scene: (seconds): Scene => ({
      tracked: {
        comm: seconds < 0.3 ? 'sh' : 'MainThread',
        vm_rss_kb: seconds < 0.3 ? 900 : warmUp(seconds, 120, 2),
        cpu_percent: random() * 130,
        state: seconds >= 1.9 ? 'zombie' : 'running',
      },
      children: children(random, Math.floor(random() * 4), 200),
    }),
  }),
  startUp: (random) => {
    const overSeconds = 2 + random() * 100;
    return {
      seconds: 900,
      intervalSeconds: 5,
      scene: (seconds): Scene => ({
        tracked: {
          comm: seconds < 10 ? 'node' : 'claude',
          vm_rss_kb: warmUp(seconds, 300, overSeconds) + Math.round(random() * 8 * MB),
          threads: seconds < 3 ? 7 : 11 + Math.floor(random() * 12),
          fd_count: seconds < 3 ? 20 : 120 + Math.floor(random() * 10),
        },
        outputBytes: Math.floor(seconds),
      }),
    };
  },
  sawtooth: (random) => {
    const periodSeconds = 10 + random() * 230;
    const amplitudeMb = 50 + random() * 350;
    return {
      seconds: 3600,
      intervalSeconds: 5,
      scene: (seconds): Scene => ({
        tracked: {
          vm_rss_kb: Math.round((200 + (amplitudeMb * (seconds % periodSeconds)) / periodSeconds + random() * 5) * MB),
        },
        outputBytes: Math.floor(seconds),
      }),
    };
  },
};
