import { isRecord, type JsonRecord } from '../core/words/json.ts';

/** Where logs of no fixed shape put what an event is about. */
const ENVELOPES = ['payload', 'data', 'item', 'result', 'response', 'details', 'event_data'] as const;
/** Deeper than this a field is somebody's content. */
const MAX_DEPTH = 3;

/** A record and the envelopes inside it, outermost first. */
export function layersOf(record: JsonRecord): readonly JsonRecord[] {
  const layers: JsonRecord[] = [record];
  let level: readonly JsonRecord[] = layers;
  for (let depth = 1; depth < MAX_DEPTH && level.length > 0; depth++) {
    level = level.flatMap((layer) => ENVELOPES.map((key) => layer[key]).filter(isRecord));
    layers.push(...level);
  }
  return layers;
}

/** The first value under any of the keys that `read` accepts, outer layers first. */
export function firstOf<T>(
  layers: readonly JsonRecord[],
  keys: readonly string[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const layer of layers) {
    for (const key of keys) {
      const value = read(layer[key]);
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

/** "turn.started", "Turn-Started" and "turn_started" are the same event. */
export function eventNameOf(record: JsonRecord): string {
  const name = firstOf([record], ['event', 'type', 'kind', 'event_type'], (value) =>
    typeof value === 'string' ? value : undefined,
  );
  return (name ?? '').slice(0, 64).replace(/[-. ]/g, '_').toLowerCase();
}
