import { isRecord, numberOf } from '../../src/core/words/json.ts';

export interface DrawerLayout {
  readonly side: 'below' | 'right';
  /** Pixels; `undefined`: a share of the window. */
  readonly height: number | undefined;
  readonly width: number | undefined;
}

export function drawerLayoutFrom(value: unknown): DrawerLayout {
  const record = isRecord(value) ? value : {};
  return {
    side: record['side'] === 'right' ? 'right' : 'below',
    height: numberOf(record['height']),
    width: numberOf(record['width']),
  };
}
