import type { QueryFailure } from '../../src/core/panel/serverProtocol.ts';
import { element, setShown, setText } from './element.ts';

const FAILURES: { readonly [kind in QueryFailure['kind']]: string } = {
  no_such_session: 'This session’s folder is no longer there.',
  no_such_moment: 'This session has no samples to show.',
  no_such_incident: 'This incident’s record is no longer there.',
  unreadable: 'This session’s files cannot be read.',
  bad_request: 'The panel asked for something that does not exist. Reload the window.',
  server_unavailable: 'The part that reads the logs does not answer.',
};

/** Says why something that was asked for is not shown. */
export class FailureNotice {
  readonly element = element('p', { class: 'notice notice-error', attributes: { role: 'alert' } });

  constructor() {
    this.hide();
  }

  show({ kind, detail }: QueryFailure): void {
    setText(this.element, detail === undefined ? FAILURES[kind] : `${FAILURES[kind]} ${detail}`);
    setShown(this.element, true);
  }

  hide(): void {
    setShown(this.element, false);
  }
}
