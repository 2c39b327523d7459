import { anomalyFrom, type Anomaly } from '../../core/session/anomaly.ts';
import { lifecycleEventFrom } from '../../core/session/readSession.ts';
import type { LifecycleEvent } from '../../core/session/session.ts';
import { snapshotFrom } from '../../core/session/snapshot.ts';
import type { SampleStore } from '../../core/panel/sampleStore.ts';
import { withoutSnapshot } from './judgedAnomalies.ts';
import { JsonlTail } from './jsonlTail.ts';

/** The lane and the list show no more; the file holds the rest. */
const MOST_EVENTS = 2000;
export const MOST_ANOMALIES = 50_000;

export type SessionFile = 'trace' | 'anomalies' | 'lifecycle';

/** Where the lines go; each is asked for with every line, because a file that was replaced begins anew. */
interface Sinks {
  readonly samples: () => SampleStore;
  readonly anomalies: () => Anomaly[];
  readonly lifecycle: () => LifecycleEvent[];
}

/** The files of a session that grow by lines, read on from where they were last read. */
export function sessionTails({ samples, anomalies, lifecycle }: Sinks): { readonly [file in SessionFile]: JsonlTail } {
  return {
    trace: new JsonlTail('proc_trace.jsonl', (value) => {
      const snapshot = snapshotFrom(value, samples().count);
      if (snapshot !== undefined) samples().append(snapshot);
      return snapshot !== undefined;
    }),
    anomalies: new JsonlTail('anomalies.jsonl', (value) => {
      const anomaly = anomalyFrom(value);
      if (anomaly !== undefined && anomalies().length < MOST_ANOMALIES) anomalies().push(withoutSnapshot(anomaly));
      return anomaly !== undefined;
    }),
    lifecycle: new JsonlTail('lifecycle.jsonl', (value) => {
      const event = lifecycleEventFrom(value);
      if (event !== undefined && lifecycle().length < MOST_EVENTS) lifecycle().push(event);
      return event !== undefined;
    }),
  };
}
