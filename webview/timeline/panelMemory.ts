import { incidentRefFrom, sessionRefFrom } from '../../src/core/panel/panelProtocol.ts';
import { arrayOf, integerOf, isRecord, numberOf } from '../../src/core/words/json.ts';
import type { IncidentRef } from '../../src/core/panel/incidentView.ts';
import type { SessionRef } from '../../src/core/panel/sessionView.ts';
import { drawerLayoutFrom, type DrawerLayout } from './drawerLayout.ts';
import type { TimeSpan } from './viewport.ts';

/** What the webview remembers of itself while it is hidden, when VS Code discards the page. */
export interface PanelMemory {
  readonly session: SessionRef | undefined;
  /** Shown instead of a session. */
  readonly incident: IncidentRef | undefined;
  /** `undefined`: the whole session. */
  readonly span: TimeSpan | undefined;
  readonly seq: number | undefined;
  /** Whether that sample is the cursor of a replay. */
  readonly isReplay: boolean;
  readonly lanes: readonly string[];
  readonly isTable: boolean;
  readonly drawer: DrawerLayout;
}

export function panelMemoryFrom(value: unknown): PanelMemory {
  const record = isRecord(value) ? value : {};
  const span = isRecord(record['span']) ? record['span'] : {};
  const [fromMs, toMs] = [numberOf(span['fromMs']), numberOf(span['toMs'])];
  return {
    session: sessionRefFrom(record['session']),
    incident: incidentRefFrom(record['incident']),
    span: fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs },
    seq: integerOf(record['seq']),
    isReplay: record['isReplay'] === true,
    lanes: arrayOf(record['lanes']).filter((lane) => typeof lane === 'string'),
    isTable: record['isTable'] === true,
    drawer: drawerLayoutFrom(record['drawer']),
  };
}
