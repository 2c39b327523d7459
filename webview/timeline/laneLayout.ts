import { arrayOf, isRecord, numberOf } from '../../src/core/words/json.ts';
import { LANES, type Lane } from './lanes.ts';

/** How a person has arranged the lanes. */
export interface LaneLayout {
  /** Lanes by their id; those that are not named follow in their own order. */
  readonly order: readonly string[];
  readonly folded: readonly string[];
  /** Whose axis begins at the lowest value in view. */
  readonly fitted: readonly string[];
  readonly heights: Readonly<Record<string, number>>;
}

export const LEAST_HEIGHT = 48;
export const MOST_HEIGHT = 600;

export function laneLayoutFrom(value: unknown): LaneLayout {
  const record = isRecord(value) ? value : {};
  const heights = isRecord(record['heights']) ? record['heights'] : {};
  const idsIn = (list: unknown): readonly string[] =>
    LANES.map(({ id }) => id).filter((id) => arrayOf(list).includes(id));
  return {
    order: arrayOf(record['order']).filter(
      (id) => typeof id === 'string' && LANES.some((lane) => lane.id === id),
    ) as string[],
    folded: idsIn(record['folded']),
    fitted: idsIn(record['fitted']),
    heights: Object.fromEntries(
      LANES.flatMap(({ id }) => {
        const height = numberOf(heights[id]);
        return height === undefined ? [] : [[id, Math.min(Math.max(height, LEAST_HEIGHT), MOST_HEIGHT)] as const];
      }),
    ),
  };
}

export function lanesInOrder({ order }: LaneLayout): readonly Lane[] {
  const named = order.flatMap((id) => LANES.find((lane) => lane.id === id) ?? []);
  return [...named, ...LANES.filter((lane) => !named.includes(lane))];
}

/** One place up or down among those that are shown. */
export function movedLane(layout: LaneLayout, id: string, by: -1 | 1, shown: readonly string[]): LaneLayout {
  const ids = lanesInOrder(layout).map((lane) => lane.id);
  const neighbour = shown[shown.indexOf(id) + by];
  if (neighbour === undefined) return layout;
  const without = ids.filter((one) => one !== id);
  without.splice(without.indexOf(neighbour) + (by === 1 ? 1 : 0), 0, id);
  return { ...layout, order: without };
}

export function toggled(ids: readonly string[], id: string): readonly string[] {
  return ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id];
}
