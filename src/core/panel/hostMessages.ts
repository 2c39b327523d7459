import { integerOf, isRecord, type JsonRecord } from '../words/json.ts';
import { wordOf } from '../words/vocabulary.ts';
import { pageRefFrom } from './pageRef.ts';
import { incidentRefFrom, SERVER_STATES, type HostMessage } from './panelProtocol.ts';
import { sessionRefFrom } from './sessionRefs.ts';

/** What the webview takes for a message of our own host. */
const HOST_MESSAGES: { readonly [T in HostMessage['type']]: (value: JsonRecord) => boolean } = {
  state: (value) => typeof value['isTrusted'] === 'boolean' && isServerState(value['server']),
  reply: (value) => integerOf(value['id']) !== undefined && isRecord(value['reply']),
  sessionsChanged: () => true,
  sessionChanged: (value) => isRecord(value['change']) && sessionRefFrom(value['change']['session']) !== undefined,
  show: (value) => sessionRefFrom(value['session']) !== undefined,
  showIncident: (value) => incidentRefFrom(value['incident']) !== undefined,
  showPage: (value) => pageRefFrom(value['page']) !== undefined,
  pageContent: (value) => pageRefFrom(value['page']) !== undefined && isRecord(value['content']),
  sessionsView: (value) => typeof value['isVisible'] === 'boolean',
  trust: (value) => typeof value['isTrusted'] === 'boolean',
  server: (value) => isServerState(value['state']),
};

function isServerState(value: unknown): boolean {
  return wordOf(SERVER_STATES, value) !== undefined;
}

/** A message of our own host; other frames may post too, and theirs are ignored. */
export function hostMessageFrom(value: unknown): HostMessage | undefined {
  if (!isRecord(value) || typeof value['type'] !== 'string' || !Object.hasOwn(HOST_MESSAGES, value['type'])) {
    return undefined;
  }
  const isWellFormed = HOST_MESSAGES[value['type'] as HostMessage['type']](value); // the line above has looked it up
  return isWellFormed ? (value as HostMessage) : undefined; // only our own host can have sent it; its tag is checked
}
