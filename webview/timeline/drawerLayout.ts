import { isRecord, numberOf } from '../../src/core/words/json.ts';

export interface DrawerLayout {
  readonly side: 'below' | 'right';
  /** Pixels; `undefined`: a share of the window. */
  readonly height: number | undefined;
  readonly width: number | undefined;
  /** It shows the output, and not the moment. */
  readonly isOutput: boolean;
}

export function drawerLayoutFrom(value: unknown): DrawerLayout {
  const record = isRecord(value) ? value : {};
  return {
    side: record['side'] === 'right' ? 'right' : 'below',
    height: numberOf(record['height']),
    width: numberOf(record['width']),
    isOutput: record['isOutput'] === true,
  };
}
