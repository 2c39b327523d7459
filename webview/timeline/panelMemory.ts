import { incidentRefFrom } from '../../src/core/panel/panelProtocol.ts';
import { sessionRefFrom } from '../../src/core/panel/sessionRefs.ts';
import { pageRefFrom, type PageRef } from '../../src/core/panel/pageRef.ts';
import { arrayOf, integerOf, isRecord, numberOf } from '../../src/core/words/json.ts';
import type { IncidentRef } from '../../src/core/panel/incidentView.ts';
import type { SessionRef } from '../../src/core/panel/sessionView.ts';
import { laneLayoutFrom, type LaneLayout } from './laneLayout.ts';
import type { TimeSpan } from './viewport.ts';

export interface DrawerLayout {
  readonly side: 'below' | 'right';
  /** Pixels; `undefined`: a share of the window. */
  readonly height: number | undefined;
  readonly width: number | undefined;
  /** It shows the output, and not the moment. */
  readonly isOutput: boolean;
}

/** What the webview remembers of itself while it is hidden, when VS Code discards the page. */
export interface PanelMemory {
  readonly session: SessionRef | undefined;
  /** Shown instead of a session. */
  readonly incident: IncidentRef | undefined;
  /** Shown instead of a session. */
  readonly page: PageRef | undefined;
  /** Where one has been: read by `History`. */
  readonly history: unknown;
  /** `undefined`: the whole session. */
  readonly span: TimeSpan | undefined;
  readonly seq: number | undefined;
  /** Whether that sample is the cursor of a replay. */
  readonly isReplay: boolean;
  readonly lanes: readonly string[];
  readonly isTable: boolean;
  readonly drawer: DrawerLayout;
  readonly layout: LaneLayout;
}

export function panelMemoryFrom(value: unknown): PanelMemory {
  const record = isRecord(value) ? value : {};
  const span = isRecord(record['span']) ? record['span'] : {};
  const [fromMs, toMs] = [numberOf(span['fromMs']), numberOf(span['toMs'])];
  return {
    session: sessionRefFrom(record['session']),
    incident: incidentRefFrom(record['incident']),
    page: pageRefFrom(record['page']),
    history: record['history'],
    span: fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs },
    seq: integerOf(record['seq']),
    isReplay: record['isReplay'] === true,
    lanes: arrayOf(record['lanes']).filter((lane) => typeof lane === 'string'),
    isTable: record['isTable'] === true,
    drawer: drawerLayoutFrom(record['drawer']),
    layout: laneLayoutFrom(record['layout']),
  };
}

function drawerLayoutFrom(value: unknown): DrawerLayout {
  const record = isRecord(value) ? value : {};
  return {
    side: record['side'] === 'right' ? 'right' : 'below',
    height: numberOf(record['height']),
    width: numberOf(record['width']),
    isOutput: record['isOutput'] === true,
  };
}
